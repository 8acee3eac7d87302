/// <reference types="vite/client" />
import { expect, it } from 'vitest'
import { apiPages } from '../../scripts/api-reference.mjs'
import { readText } from '../support/docs'

// Nothing is loaded: it tells the runner that a change of any source may change the pages.
import.meta.glob('../../src/**/*.ts')

const pages = apiPages()

it.each([...pages])('%s is what the docblocks say (else: npm run docs:api)', (file, text) => {
  expect(readText(`docs/reference/${file}`)).toBe(text)
})

it('has a section for every name that can be imported', () => {
  for (const [, page, anchor] of pages.get('api.md')!.matchAll(/\]\((api-\w+\.md)#(\w+)\)/g)) {
    const headings = [...pages.get(page!)!.matchAll(/^#+ `?(\w+)`?$/gm)].map(([, heading]) => heading!.toLowerCase())
    expect(headings).toContain(anchor)
  }
})
