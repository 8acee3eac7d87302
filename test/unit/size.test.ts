import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'
import type { Rollup } from 'vite'
import { expect, it } from 'vitest'

const entry = fileURLToPath(new URL('../../src/runtime/app/index.ts', import.meta.url))
const engine = fileURLToPath(new URL('../../src/runtime/app/run/engine.ts', import.meta.url))

/**
 * Bytes of an app that uses these exports, minified and gzipped, without Vue. `entry`: what comes with the page; `engine`:
 * what a stream loads when it is opened, to read answers of Chat Completions. The other protocols and the parser of
 * unfinished JSON come with the first request for them.
 */
async function sizeOf(names: string): Promise<{ entry: number, engine: number }> {
  const id = 'virtual:app'
  const { output } = await build({
    configFile: false,
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
    plugins: [{
      name: 'app',
      resolveId: source => source === id ? id : undefined,
      load: source => source === id ? `export { ${names} } from ${JSON.stringify(entry)}` : undefined,
    }],
    build: {
      write: false, minify: true, target: 'es2022', modulePreload: false,
      rolldownOptions: { input: id, external: ['vue'], preserveEntrySignatures: 'strict' },
    },
  }) as Rollup.RolldownOutput
  const chunks = new Map(output.filter(file => file.type === 'chunk').map(chunk => [chunk.fileName, chunk]))

  function withImports(first: Rollup.OutputChunk): Set<Rollup.OutputChunk> {
    const all = new Set([first])
    for (const { imports } of all) for (const name of imports) if (chunks.has(name)) all.add(chunks.get(name)!)
    return all
  }

  const inEntry = withImports([...chunks.values()].find(chunk => chunk.isEntry)!)
  const inEngine = withImports([...chunks.values()].find(chunk => chunk.facadeModuleId === engine)!)
  const size = (some: Rollup.OutputChunk[]) => gzipSync(some.map(({ code }) => code).join('')).length
  return { entry: size([...inEntry]), engine: size([...inEngine].filter(chunk => !inEntry.has(chunk))) }
}

it('useStream adds at most 6 KiB to a page, and loads 12.25 more while it comes to life', async () => {
  const { entry, engine } = await sizeOf('useStream')
  expect(entry).toBeLessThanOrEqual(6 * 1024)
  expect(engine).toBeLessThanOrEqual(12.25 * 1024)
})

it('with useConversation it adds at most 11 KiB', async () => {
  expect((await sizeOf('useStream, useConversation')).entry).toBeLessThanOrEqual(11 * 1024)
})
