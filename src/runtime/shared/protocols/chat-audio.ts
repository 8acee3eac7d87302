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
  let base64 = ''
  const openai: { audioId?: string, expiresAt?: number, transcript: string } = { transcript: '' }

  return {
    add({ id, data, transcript, expires_at: expiresAt }) {
      if (textOf(id) !== '') openai.audioId = textOf(id)
      if (typeof expiresAt === 'number') openai.expiresAt = expiresAt
      openai.transcript += textOf(transcript)
      base64 += textOf(data)
    },
    toFile() {
      if (base64 === '') return undefined
      const data = joinPadded(base64)
      const mediaType = MARKS[data.slice(0, 4)] ?? 'audio/pcm'
      return { mediaType, url: `data:${mediaType};base64,${data}`, providerMetadata: { openai } }
    },
  }
}

/** Padding inside base64 would end it: what stands between is decoded by itself. */
function joinPadded(base64: string): string {
  if (!/=[^=]/.test(base64)) return base64
  try {
    return btoa(base64.match(/[^=]+=*/g)!.map(atob).join(''))
  }
  catch {
    return base64 // it is none: left as it came
  }
}
