import { execFile } from 'node:child_process'
import { cp, readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Yard } from '../compat/fresh-app'
import { createYard } from '../compat/fresh-app'
import { ROWS } from '../compat/rows'
import { tryRow } from '../compat/try-row'

const run = promisify(execFile)
const source = fileURLToPath(new URL('../../src', import.meta.url))

/** The rows of the compatibility matrix that every run has time for. */
const ROWS_HERE = ROWS.filter(({ name }) => ['nuxt-4-node-24', 'node', 'hono', 'express'].includes(name))

let yard: Yard

beforeAll(async () => {
  yard = await createYard()
}, 300_000)
afterAll(() => yard?.remove())

it.for(ROWS_HERE.map(row => [row.name, row] as const))('streams from the packed package in a fresh app: %s', { timeout: 240_000 }, ([, row]) => tryRow(yard, row))

it('gives plain Node its entries', async () => {
  const script = `
    import { collectStream } from 'nuxt-llm-stream/protocol'
    import { createFakeUpstream } from 'nuxt-llm-stream/testing'
    const upstream = createFakeUpstream()
    const { url } = await upstream.listen()
    const { body } = await fetch(url + '/v1/messages', { method: 'POST', body: '{"stream":true}' })
    console.log((await collectStream(body, { protocol: 'messages' })).text)
    await upstream.close()`
  const app = await yard.build(ROWS.find(({ name }) => name === 'node')!)
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { cwd: app })
  expect(stdout).toBe('Hello from the fake upstream.\n')
})

it('holds a log driver of an app\'s own to the contract, by node:test', async () => {
  const app = await yard.build(ROWS.find(({ name }) => name === 'node')!)
  await cp(fileURLToPath(new URL('../fixtures/own-log', import.meta.url)), app, { recursive: true })
  const { stdout } = await run(process.execPath, ['--test', '--test-reporter', 'tap', 'list-log.test.mjs'], { cwd: app })
  expect(stdout).toMatch(/^# tests 18\n[\s\S]*^# pass 18$/m)
})

it('T25: publishes the build and the papers, a file for each of the source, and nothing else', async () => {
  const { files, size } = yard.packed
  const built = (await readdir(`${source}/runtime`, { recursive: true, withFileTypes: true }))
    .filter(entry => entry.isFile() && !entry.name.startsWith('tsconfig'))
    .map(({ parentPath, name }) => `dist/runtime/${parentPath.slice(source.length + '/runtime/'.length)}/${name}`.replace('//', '/'))
    .flatMap(file => /(?<!\.d)\.[jt]s$/.test(file) ? [file.replace(/[jt]s$/, 'js'), file.replace(/[jt]s$/, 'd.ts')] : file)
  const rest = ['CHANGELOG.md', 'LICENSE', 'README.md', 'dist/module.d.mts', 'dist/module.json', 'dist/module.mjs', 'dist/types.d.mts', 'package.json']
  expect(files.toSorted()).toEqual([...built, ...rest].toSorted())
  expect(size).toBeLessThanOrEqual(256 * 1024)
})
