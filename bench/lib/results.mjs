import { readFile, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'

const file = new URL('../results.md', import.meta.url)
const manifest = new URL('../package.json', import.meta.url)

/**
 * Puts a section into results.md, in place of the one of that title, with the versions that it was measured with: packages of
 * this folder's, and programs by name and version.
 */
export async function writeSection(title, lines, packages = [], programs = {}) {
  const { dependencies } = JSON.parse(await readFile(manifest, 'utf8'))
  const versions = [`Node ${process.version}`, ...packages.map(name => `${name} ${dependencies[name]}`), ...Object.entries(programs).map(pair => pair.join(' '))].join(', ')
  const date = new Date().toISOString().slice(0, 10)
  const section = [`## ${title}`, '', `${date}, ${cpus().length} × ${cpus()[0]?.model.trim()}, ${versions}.`, '', ...lines, ''].join('\n')
  const known = await readFile(file, 'utf8').catch(() => '# Results\n\nWritten by `npm run bench` of this folder. Absolute figures move with the machine: the ratios are the result.\n')
  const [head, ...others] = known.split(/^(?=## )/m).filter(part => !part.startsWith(`## ${title}\n`))
  const parts = title === 'Goals' ? [head, section, ...others] : [head, ...others, section]
  await writeFile(file, parts.map(part => `${part.trimEnd()}\n`).join('\n'))
}
