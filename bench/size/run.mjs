import { writeFigures } from '../lib/figures.mjs'
import { writeSection } from '../lib/results.mjs'
import { measurePages } from './pages.mjs'
import { measureServer } from './server.mjs'

/** Bytes that an app ships: in its pages, side by side with its peers, and in its server. Minified and gzipped. */
const short = process.argv.includes('--short')
const pages = await measurePages()
const server = await measureServer()
await writeFigures('size', { useStream: pages.useStream, useConversation: pages.useConversation, server: server.gzipped })

const kib = bytes => `${(bytes / 1024).toFixed(1)} KiB`
const lines = [
  'Minified and gzipped, without Vue. What comes with the page, and what it loads with the first answer:',
  '',
  '| | with the page | with the first answer | together |',
  '|--|--|--|--|',
  ...Object.values(pages).map(({ label, entry, later }) => `| ${label} | ${kib(entry)} | ${later > 0 ? kib(later) : '–'} | ${kib(entry + later)} |`),
  '',
  `A built server grows by ${kib(server.gzipped)} minified and gzipped (${kib(server.minified)} before gzip), beside the packages that stay packages.`,
]
console.log(lines.join('\n'))
if (!short) await writeSection('Size', lines, ['@ai-sdk/vue', 'ai', '@tanstack/ai-vue', 'vue'], { Nuxt: server.nuxt })
