import { rowsOf } from './row'
import type { ThreatRows } from './row'

/** T5 and T6: a client that chooses path or method. Only the fixed table is served, by the raw path. */
export const paths: ThreatRows = {
  ...rowsOf('T5.path', [
    '/chat/completions/', '//chat/completions', '/chat//completions', '/./chat/completions', '/x/../chat/completions',
    '/%63hat/completions', '/chat%2fcompletions', '/chat%2Fcompletions', '/chat%252fcompletions', '/chat/completions%00',
    '/chat/completions%20', '/chat/completions%23', '/chat/completions%3F', '/chat/completions;a=b', '/chat;/completions',
    '/chat\\completions', '/..%5cchat/completions', '/%2e%2e/chat/completions', '/%2e%2e%2fchat/completions', '/%2E%2E/%2E%2E/v1/models',
    '/..%2f..%2fv1/models', '/Chat/Completions', '/CHAT/COMPLETIONS', '/chat/completions/../models', '/chat/completions/..%2fmodels',
    '/files', '/models', '/v1/models', '/v1/v1/chat/completions', '/v2/chat/completions', '/other/chat/completions',
    '/constructor/chat/completions', '/__proto__/chat/completions', '/toString/chat/completions', '/default%2fchat/completions',
    '/default/chat/completions/extra', '/default/../default/chat/completions', '/responses/compact', '/messages/batches',
    '//127.0.0.1:9/chat/completions', '/http://127.0.0.1:9/chat/completions', '/@127.0.0.1:9/chat/completions', '/',
  ], path => ({ title: path, path, status: 404 })),
  'T5.query': {
    title: 'a query string',
    path: '/chat/completions?x=../&api-version=1',
    upstream: () => {},
  },
  ...rowsOf('T6.method', ['GET', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'HEAD', 'OPTIONS'], method => ({
    title: method, method, status: 405, answer: { 'allow': 'POST', 'access-control-allow-origin': undefined },
  })),
}
