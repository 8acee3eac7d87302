import { mkdir, readFile, writeFile } from 'node:fs/promises'

/** Figures of a short run mean nothing, so they are never found among others. */
const short = process.argv.includes('--short') || process.argv.includes('--brief')
const folder = new URL(short ? '../.build/figures-short/' : '../.build/figures/', import.meta.url)

/** Keeps what a part has measured, for the table of goals. */
export async function writeFigures(part, figures) {
  await mkdir(folder, { recursive: true })
  await writeFile(new URL(`${part}.json`, folder), JSON.stringify(figures))
}

/** What that part measured last; nothing when it has not run yet. */
export async function readFigures(part) {
  return JSON.parse(await readFile(new URL(`${part}.json`, folder), 'utf8').catch(() => '{}'))
}
