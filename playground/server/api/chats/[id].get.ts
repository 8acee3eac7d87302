export default defineEventHandler(event => useChats().read(chatId(event)))
