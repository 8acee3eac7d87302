import { readFile, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'

const file = new URL('../results.md', import.meta.url)
const manifest = new URL('../package.json', import.meta.url)

/** Puts a section into results.md, in place of the one of that title, with the versions that it was measured with. */
export async function writeSection(title, lines, packages = []) {
  const { dependencies } = JSON.parse(await readFile(manifest, 'utf8'))
  const versions = [`Node ${process.version}`, ...packages.map(name => `${name} ${dependencies[name]}`)].join(', ')
  const date = new Date().toISOString().slice(0, 10)
  const section = [`## ${title}`, '', `${date}, ${cpus().length} × ${cpus()[0]?.model.trim()}, ${versions}.`, '', ...lines, ''].join('\n')
  const known = await readFile(file, 'utf8').catch(() => '# Results\n\nWritten by the scripts of this folder.\n')
  const others = known.split(/^(?=## )/m).filter(part => !part.startsWith(`## ${title}\n`))
  await writeFile(file, [...others.map(part => `${part.trimEnd()}\n`), section].join('\n'))
}
