import type { SourceEvent } from '../events'
import type { Emit } from './protocol'

/** What an answer cites, as a decoder finds it. */
export type FoundSource = Omit<SourceEvent, 'type' | 'part' | 'choice' | 'raw'>

/** Makes a part of each source the first time that it is cited: upstreams repeat them, some with every chunk. */
export function createSources(emit: Emit, numberPart: () => number): (source: FoundSource) => void {
  const known = new Set<string>()
  return (source) => {
    if (source.id === '' || known.has(source.id)) return
    known.add(source.id)
    emit({ type: 'source', part: numberPart(), ...source })
  }
}

/** A source on the web: its address names it. */
export function webSource(url: string, title: string): FoundSource {
  return { id: url, url, ...(title !== '' && { title }) }
}
