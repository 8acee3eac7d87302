import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'
import type { Rollup } from 'vite'
import { expect, it } from 'vitest'

const entry = fileURLToPath(new URL('../../src/runtime/app/index.ts', import.meta.url))
const engine = fileURLToPath(new URL('../../src/runtime/app/run/engine.ts', import.meta.url))

/** What an app loads of this package, minified and gzipped, in KiB (docs/reference/dependencies.md). */
interface Size {
  /** What comes with the page. */
  entry: number
  /** What follows while the page comes to life, to send requests and to read answers of Chat Completions. */
  engine: number
  /** Both: all that a stream takes. Other protocols, schemas and resuming load their part with the first request for them. */
  sum: number
}

/** Sizes of an app that uses these exports, without Vue, and without what Vite adds to any app that loads on demand. */
async function sizeOf(names: string): Promise<Size> {
  const id = 'virtual:app'
  const { output } = await build({
    configFile: false,
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
    plugins: [{
      name: 'app',
      resolveId: source => source === id ? id : undefined,
      load(source) {
        if (source === id) return `export { ${names} } from ${JSON.stringify(entry)}`
        if (source.endsWith('vite/preload-helper.js')) return 'export const __vitePreload = load => load()'
      },
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
  const size = (some: Rollup.OutputChunk[]) => gzipSync(some.map(({ code }) => code).join('')).length / 1024
  const [atFirst, later] = [size([...inEntry]), size([...inEngine].filter(chunk => !inEntry.has(chunk)))]
  return { entry: atFirst, engine: later, sum: atFirst + later }
}

// A little above what it is: whoever raises one says why.
it.each<[string, Size]>([
  ['useStream', { entry: 3.9, engine: 10.4, sum: 14.3 }],
  ['useStream, useConversation', { entry: 9.5, engine: 10.4, sum: 19.9 }],
])('%s: an app loads no more than these sizes', async (names, most) => {
  const size = await sizeOf(names)
  expect(size.entry).toBeLessThanOrEqual(most.entry)
  expect(size.engine).toBeLessThanOrEqual(most.engine)
  expect(size.sum).toBeLessThanOrEqual(most.sum)
}, 60_000)
