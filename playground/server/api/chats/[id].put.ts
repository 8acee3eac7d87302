/** Room for a long conversation with a few pictures. */
const MOST_BYTES = 4 << 20

export default defineEventHandler(async (event) => {
  const id = chatId(event)
  const messages: unknown = await readBody(event)
  if (!Array.isArray(messages)) throw createError({ statusCode: 400, statusMessage: 'A list of messages is expected.' })
  if (JSON.stringify(messages).length > MOST_BYTES) throw createError({ statusCode: 413, statusMessage: 'The conversation is too long to be kept.' })
  await useChats().write(id, messages)
  return null
})
