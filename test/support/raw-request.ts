import { request } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'

export interface RawRequest {
  method?: string
  /** Sent as it is: nothing is resolved, decoded or escaped. */
  path: string
  headers?: Record<string, string>
  body?: string | Uint8Array
}

export interface RawAnswer {
  status: number
  headers: IncomingHttpHeaders
  text: string
}

/** One HTTP request on a connection of its own, with a path that `fetch` would tidy up. */
export function sendRaw(origin: string, { method = 'POST', path, headers = {}, body }: RawRequest): Promise<RawAnswer> {
  const { hostname, port } = new URL(origin)
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, method, path, headers, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => { text += chunk })
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }))
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
