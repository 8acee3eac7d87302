import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const { dependencies, peerDependencies, peerDependenciesMeta, files } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))

it('T25: users get these packages and no others', () => {
  expect(Object.keys(dependencies)).toEqual([
    '@nuxt/kit', '@standard-schema/spec', '@streamparser/json', 'defu', 'eventsource-parser', 'rate-limiter-flexible',
  ])
})

it('T25: what an app may bring itself is optional', () => {
  expect(Object.keys(peerDependencies)).toEqual(['ioredis', 'nuxt', 'vue'])
  expect(peerDependenciesMeta).toEqual(Object.fromEntries(Object.keys(peerDependencies).map(name => [name, { optional: true }])))
})

it('T25: only the build is published', () => {
  expect(files).toEqual(['dist', 'CHANGELOG.md'])
})
