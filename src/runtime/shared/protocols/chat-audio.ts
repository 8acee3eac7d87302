import type { FilePart } from '../parts'
import { textOf } from './json'

/** Puts the audio of an answer together: base64 pieces, and a transcript beside them. */
export interface Audio {
  add: (audio: Record<string, unknown>) => void
  /** The audio as a file, `undefined` while no data came. */
  toFile: () => Omit<FilePart, 'type'> | undefined
}

/** Media types by the first characters of the data; while streaming, OpenAI sends raw 16-bit PCM, which has no mark. */
const MARKS: Record<string, string> = { UklG: 'audio/wav', SUQz: 'audio/mpeg', T2dn: 'audio/ogg', ZkxhQ: 'audio/flac' }

export function createAudio(): Audio {
  const pieces: string[] = []
  const openai: { audioId?: string, expiresAt?: number, transcript: string } = { transcript: '' }

  return {
    add({ id, data, transcript, expires_at: expiresAt }) {
      if (textOf(id) !== '') openai.audioId = textOf(id)
      if (typeof expiresAt === 'number') openai.expiresAt = expiresAt
      openai.transcript += textOf(transcript)
      if (textOf(data) !== '') pieces.push(joinable(pieces, textOf(data)))
    },
    toFile() {
      const data = pieces.join('')
      if (data === '') return undefined
      const mark = Object.keys(MARKS).find(mark => data.startsWith(mark))
      const mediaType = mark === undefined ? 'audio/pcm' : MARKS[mark]!
      return { mediaType, url: `data:${mediaType};base64,${data}`, providerMetadata: { openai } }
    },
  }
}

/** Padding inside base64 would end it: the padded piece before, if there is one, is merged into this one. */
function joinable(pieces: string[], piece: string): string {
  if (!pieces.at(-1)?.endsWith('=')) return piece
  try {
    const joined = btoa(atob(pieces.at(-1)!) + atob(piece))
    pieces.pop()
    return joined
  }
  catch {
    return piece // not base64: left as it came
  }
}
