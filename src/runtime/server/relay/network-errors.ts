import type { StreamError } from '../../shared/errors'
import { isStreamError } from '../../shared/errors'
import { relayError } from './failures'

/** Codes of OpenSSL and of Node's `tls` for everything that can be wrong with a certificate or a handshake. */
const TLS_CODE = /^(?:ERR_SSL_|ERR_TLS_|ERR_OSSL_|CERT_|CRL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|ERROR_IN_CERT_|EPROTO$)/

const DNS_CODES = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA', 'EAI_NONAME', 'ENODATA', 'ESERVFAIL'])

/** What it means that a request failed before its answer began. Platforms without error codes can only say `upstream_unreachable`. */
export function toStreamError(error: unknown): StreamError {
  if (isStreamError(error)) return error
  const code = errorCode(error)
  if (TLS_CODE.test(code)) return relayError('upstream_tls', { cause: error })
  if (DNS_CODES.has(code)) return relayError('upstream_dns', { cause: error })
  // What came was no HTTP, or too long a head.
  if (code.startsWith('HPE_')) return relayError('upstream_error', { cause: error })
  return relayError('upstream_unreachable', { cause: error })
}

/** `fetch` wraps what went wrong in a `TypeError`. */
export function errorCode(error: unknown): string {
  const { code, cause } = (error ?? {}) as { code?: unknown, cause?: { code?: unknown } }
  const found = code ?? cause?.code
  return typeof found === 'string' ? found : ''
}
