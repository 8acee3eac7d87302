import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { setsRequestSignal } from '../../../src/cloudflare'

const folder = mkdtempSync(join(tmpdir(), 'wrangler-'))
const wrangler = { compatibility_flags: ['nodejs_compat', 'enable_request_signal'] }

afterAll(() => rmSync(folder, { recursive: true }))

it('believes a flag in the Nitro options only where Nitro writes them down', () => {
  expect(setsRequestSignal(folder, { deployConfig: true, wrangler }, {})).toBe(true)
  expect(setsRequestSignal(folder, { wrangler }, { WORKERS_CI: '1' })).toBe(true)
  expect(setsRequestSignal(folder, { wrangler }, {})).toBe(false)
  expect(setsRequestSignal(folder, { deployConfig: false, wrangler }, { WORKERS_CI: '1' })).toBe(false)
  expect(setsRequestSignal(folder, { deployConfig: true, wrangler: {} }, {})).toBe(false)
  expect(setsRequestSignal(folder, undefined, {})).toBe(false)
})

it.each([
  ['wrangler.json', '{ "compatibility_flags": ["enable_request_signal"] }'],
  ['wrangler.jsonc', '{ "compatibility_flags": ["enable_request_signal"] } // ours'],
  ['wrangler.toml', 'compatibility_flags = ["enable_request_signal"]'],
])('finds the flag in the %s of the app', (name, text) => {
  writeFileSync(join(folder, name), text)
  expect(setsRequestSignal(folder, {}, {})).toBe(true)
  writeFileSync(join(folder, name), text.replace('enable_request_signal', 'nodejs_compat'))
  expect(setsRequestSignal(folder, {}, {})).toBe(false)
  rmSync(join(folder, name))
})
