/** The conversations of the playground, by id, in Nitro's database: the SQLite of Node itself, so nothing runs beside the server. */
export function useChats() {
  const database = useDatabase()
  const ready = database.exec('CREATE TABLE IF NOT EXISTS chats (id TEXT PRIMARY KEY, messages TEXT NOT NULL)')
  return {
    async read(id: string): Promise<unknown[]> {
      await ready
      const { rows } = await database.sql`SELECT messages FROM chats WHERE id = ${id}`
      const messages = rows?.[0]?.messages
      return typeof messages === 'string' ? JSON.parse(messages) as unknown[] : []
    },
    async write(id: string, messages: unknown[]): Promise<void> {
      await ready
      const text = JSON.stringify(messages)
      await database.sql`INSERT INTO chats (id, messages) VALUES (${id}, ${text}) ON CONFLICT (id) DO UPDATE SET messages = ${text}`
    },
  }
}
