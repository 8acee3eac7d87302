import type { IncomingMessage } from 'node:http'
import type { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { relayError } from '../failures'

const DECODERS: Record<string, () => Transform> = {
  'gzip': createGunzip,
  'x-gzip': createGunzip,
  'deflate': createInflate,
  'br': createBrotliDecompress,
}

/**
 * Undoes the content encoding of an answer, bit by bit, so that events come out as they were flushed, and limits count what
 * comes out. Upstreams are asked for none (`identity`), but proxies do as they like. Throws for an unknown one.
 */
export function decode(response: IncomingMessage): Readable {
  const encoding = (response.headers['content-encoding'] ?? 'identity').trim().toLowerCase()
  if (encoding === 'identity' || encoding === '') return response
  const createDecoder = DECODERS[encoding]
  if (!createDecoder) throw relayError('upstream_bad_content_type')
  // A break of one is an error of the other, which its own listeners see.
  return pipeline(response, createDecoder(), () => {})
}
