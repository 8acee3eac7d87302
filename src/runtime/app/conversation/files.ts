import type { FilePart } from '../../shared/parts'

/** Files as a form gives them, or parts that are ready to be sent. */
export type FilesInput = FileList | readonly (File | FilePart)[]

/** Files as parts with `data:` URLs. Rejects when one of them cannot be read any more. */
export function toFileParts(files: FilesInput): Promise<FilePart[]> {
  return Promise.all(Array.from<File | FilePart>(files).map(file => file instanceof Blob ? readFile(file) : file))
}

async function readFile(file: File): Promise<FilePart> {
  const bytes = new Uint8Array(await file.arrayBuffer())
  const mediaType = file.type.replace(/;.*/, '') || (isText(bytes) ? 'text/plain' : 'application/octet-stream')
  return { type: 'file', mediaType, filename: file.name, url: `data:${mediaType};base64,${toBase64(bytes)}` }
}

/** Browsers know no type for most source code. What is UTF-8 without a NUL can be shown to a model as words. */
function isText(bytes: Uint8Array): boolean {
  try {
    return !new TextDecoder('utf-8', { fatal: true }).decode(bytes).includes('\0')
  }
  catch {
    return false // not UTF-8
  }
}

/** In pieces, since a call takes some ten thousand arguments at most. */
function toBase64(bytes: Uint8Array): string {
  let binary = ''
  for (let at = 0; at < bytes.length; at += 8192) binary += String.fromCharCode(...bytes.subarray(at, at + 8192))
  return btoa(binary)
}
