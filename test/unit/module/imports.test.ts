import { expect, it, vi } from 'vitest'
import { addComposables, type ImportOptions } from '../../../src/imports'

interface Import { name: string, as?: string, from: string }

/** What auto-imports come to, with these already in the app. */
function extend(options: ImportOptions, existing: Import[] = []) {
  const imports = [...existing]
  const warn = vi.fn()
  const hook = (_: string, callback: (imports: Import[]) => void) => { callback(imports) }
  addComposables(options, '/ours', { hook } as never, warn)
  return { names: imports.filter(({ from }) => from === '/ours').map(({ name, as }) => `${name} as ${as}`), warn }
}

it('imports both composables under their own names', () => {
  expect(extend({}).names).toEqual(['useStream as useStream', 'useConversation as useConversation'])
})

it('imports them under other names', () => {
  expect(extend({ useStream: 'useLlmStream' }).names).toEqual(['useStream as useLlmStream', 'useConversation as useConversation'])
})

it('imports nothing with false', () => {
  expect(extend(false).names).toEqual([])
})

it('leaves a name to the app that already has it, and says how to have both', () => {
  const { names, warn } = extend({}, [{ name: 'useStream', from: '/app/composables/useStream' }])
  expect(names).toEqual(['useConversation as useConversation'])
  expect(warn).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('llmStream.imports: { useStream: \'useLlmStream\' }'))
})
