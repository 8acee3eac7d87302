import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const app = fileURLToPath(new URL('../../src/runtime/app/', import.meta.url))

/** What an app imports to stream, by contestant. `first`: the module that is loaded with the first answer. */
const CONTESTANTS = {
  useStream: { label: '`useStream`', code: `export { useStream } from '${app}index.ts'`, first: 'app/run/engine.ts' },
  useConversation: { label: '`useStream` and `useConversation`', code: `export { useStream, useConversation } from '${app}index.ts'`, first: 'app/run/engine.ts' },
  aiSdk: { label: 'AI SDK Vue `Chat`', code: `export { Chat } from '@ai-sdk/vue'; export { DefaultChatTransport } from 'ai'` },
  tanstack: { label: 'TanStack AI Vue `useChat`', code: `export { useChat, fetchServerSentEvents } from '@tanstack/ai-vue'` },
}

/** Bytes of each, minified and gzipped, without Vue. */
export async function measurePages() {
  const pages = {}
  for (const [name, { label, ...contestant }] of Object.entries(CONTESTANTS)) pages[name] = { label, ...await measure(contestant) }
  return pages
}

async function measure({ code, first }) {
  const { outputFiles, metafile: { outputs } } = await build({
    stdin: { contents: code, resolveDir: fileURLToPath(new URL('..', import.meta.url)), sourcefile: 'page.mjs' },
    bundle: true, splitting: true, minify: true, write: false, metafile: true, format: 'esm', target: 'es2022', platform: 'browser',
    outdir: 'page', external: ['vue'], define: { 'process.env.NODE_ENV': '"production"' }, logLevel: 'error',
    nodePaths: [fileURLToPath(new URL('../../node_modules', import.meta.url))],
  })
  const withImports = (entry) => {
    const all = new Set([entry])
    for (const file of all) for (const { path, kind } of outputs[file].imports) if (kind === 'import-statement' && path in outputs) all.add(path)
    return all
  }
  const find = end => Object.keys(outputs).find(file => outputs[file].entryPoint?.endsWith(end))
  const size = files => files.size === 0 ? 0 : gzipSync(outputFiles.filter(({ path }) => [...files].some(file => path.endsWith(file))).map(({ text }) => text).join('')).length
  const entry = withImports(find('page.mjs'))
  const later = first ? withImports(find(first)).difference(entry) : new Set()
  return { entry: size(entry), later: size(later) }
}
