import type { H3Event } from 'h3'

/** The id in the path, which only its visitor knows. */
export function chatId(event: H3Event): string {
  const id = getRouterParam(event, 'id') ?? ''
  if (!/^[\da-f-]{36}$/.test(id)) throw createError({ statusCode: 404, statusMessage: 'There is no such conversation.' })
  return id
}
