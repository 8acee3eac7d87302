import { fileURLToPath } from 'node:url'
import { ESLint } from 'eslint'
import { beforeAll, describe, expect, it } from 'vitest'

const eslint = new ESLint({ cwd: fileURLToPath(new URL('../..', import.meta.url)) })

async function violations(file: string, code: string): Promise<(string | null)[]> {
  const [result] = await eslint.lintText(`${code}\n`, { filePath: `src/${file}` })
  return result!.messages.map(message => message.ruleId).filter(rule => rule?.startsWith('no-restricted'))
}

/** One planted violation per row of architecture.md §3, and more where a row has several edges. */
const planted: [file: string, code: string][] = [
  ['runtime/shared/x.ts', 'import { ref } from \'vue\'\n\nexport default ref'],
  ['runtime/shared/x.ts', 'import fs from \'node:fs\'\n\nexport default fs'],
  ['runtime/shared/x.ts', 'import { x } from \'../app/run/run\'\n\nexport default x'],
  ['runtime/shared/x.ts', 'import { x } from \'lodash\'\n\nexport default x'],
  ['runtime/shared/x.ts', 'export const x = () => import(\'vue\')'],
  ['runtime/shared/x.ts', 'import { createPartialJson } from \'./partial-json\'\n\nexport default createPartialJson'],
  ['runtime/shared/partial-json.ts', 'import { ref } from \'vue\'\n\nexport default ref'],
  ['runtime/server/relay/x.ts', 'import { defineEventHandler } from \'h3\'\n\nexport default defineEventHandler'],
  ['runtime/server/relay/x.ts', 'import type { Socket } from \'node:net\'\n\nexport type X = Socket'],
  ['runtime/server/relay/x.ts', 'import { x } from \'./node/transport\'\n\nexport default x'],
  ['runtime/server/relay/x.ts', 'import { x } from \'../../app/run/run\'\n\nexport default x'],
  ['runtime/server/relay/x.ts', 'import { x } from \'../../testing/frames\'\n\nexport default x'],
  ['runtime/server/relay/x.ts', 'export const x = () => import(\'node:http\')'],
  ['runtime/server/relay/node/x.ts', 'import { useNitroApp } from \'nitropack/runtime\'\n\nexport default useNitroApp'],
  ['runtime/server/relay/node/x.ts', 'import axios from \'axios\'\n\nexport default axios'],
  ['runtime/server/utils/x.ts', 'import { ref } from \'vue\'\n\nexport default ref'],
  ['runtime/server/api/x.ts', 'import { x } from \'../../app/keyed\'\n\nexport default x'],
  ['runtime/app/run/x.ts', 'import { ref } from \'vue\'\n\nexport default ref'],
  ['runtime/app/run/x.ts', 'import { x } from \'../../server/relay/route\'\n\nexport default x'],
  ['runtime/app/run/run.ts', 'setTimeout(() => {}, 1)'],
  ['runtime/app/conversation/x.ts', 'import { useNuxtApp } from \'nuxt/app\'\n\nexport default useNuxtApp'],
  ['runtime/app/composables/x.ts', 'import { useNuxtApp } from \'#imports\'\n\nexport default useNuxtApp'],
  ['runtime/app/composables/x.ts', 'import { ref } from \'vue\'\n\nexport const x = ref(1)'],
  ['runtime/app/keyed.ts', 'import { useNuxtApp } from \'nuxt/app\'\n\nexport default useNuxtApp'],
  ['runtime/app/plugins/x.ts', 'import { x } from \'../../server/utils/relay\'\n\nexport default x'],
  ['runtime/app/plugins/x.ts', 'import { x } from \'../run/run\'\n\nexport default x'],
  ['runtime/testing/x.ts', 'import { x } from \'../server/relay/relay\'\n\nexport default x'],
  ['runtime/testing/x.ts', 'import http from \'node:http\'\n\nexport default http'],
  ['runtime/testing/listen.ts', 'import { ref } from \'vue\'\n\nexport default ref'],
  ['x.ts', 'import { ref } from \'vue\'\n\nexport default ref'],
  ['x.ts', 'import { x } from \'./runtime/app/keyed\'\n\nexport default x'],
  ['runtime/app/run/x.ts', 'import { StreamError } from \'../../shared/errors\'\n\nexport const x = (e: unknown) => e instanceof StreamError'],
]

// The first lint loads every plugin.
beforeAll(() => violations('x.ts', ''), 60_000)

describe('layer rules', () => {
  it.each(planted)('refuse in %s: %s', async (file, code) => {
    expect(await violations(file, code)).toHaveLength(1)
  })

  it.each([
    ['runtime/shared/x.ts', 'import { createParser } from \'eventsource-parser\'\n\nexport default createParser'],
    ['runtime/shared/partial-json.ts', 'import Tokenizer from \'@streamparser/json/tokenizer.js\'\n\nexport default Tokenizer'],
    ['runtime/server/relay/index.ts', 'import { x } from \'./node/listener\'\n\nexport default x'],
    ['runtime/server/relay/node/x.ts', 'import { Agent } from \'node:http\'\n\nexport default Agent'],
    ['runtime/server/utils/x.ts', 'import { x } from \'../relay/relay\'\n\nexport default x'],
    ['runtime/app/composables/x.ts', 'import { shallowRef } from \'vue\'\n\nexport const x = shallowRef(1)'],
    ['runtime/testing/listen.ts', 'import type { Server } from \'node:http\'\n\nexport type X = Server'],
    ['x.ts', 'import { x } from \'./runtime/server/relay/options\'\n\nexport default x'],
    ['x.ts', 'import type { X } from \'./runtime/app/keyed\'\n\nexport type Y = X'],
  ])('let %s write: %s', async (file, code) => {
    expect(await violations(file, code)).toEqual([])
  })
})
