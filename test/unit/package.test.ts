import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readText } from '../support/docs'

const read = (file: string) => JSON.parse(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8'))
const { dependencies, peerDependencies, peerDependenciesMeta, files } = read('package.json')
const installed: Record<string, { license?: string, dependencies?: Record<string, string> }> = read('package-lock.json').packages

describe('T25: users get', () => {
  it('these packages and no others', () => {
    expect(Object.keys(dependencies)).toEqual(['@nuxt/kit', '@standard-schema/spec', '@streamparser/json', 'defu', 'eventsource-parser', 'rate-limiter-flexible'])
  })

  it('what an app may bring itself only by choice', () => {
    expect(Object.keys(peerDependencies)).toEqual(['ioredis', 'nuxt', 'vue'])
    expect(peerDependenciesMeta).toEqual(Object.fromEntries(Object.keys(peerDependencies).map(name => [name, { optional: true }])))
  })

  it('only the build', () => {
    expect(files).toEqual(['dist', '!dist/runtime/server/tsconfig.json', 'CHANGELOG.md'])
  })

  it('licences that ask for no more than their own text', () => {
    const places = reachable(Object.keys(dependencies))
    expect(places.length).toBeGreaterThan(20)
    for (const place of places) expect(['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0'], place).toContain(installed[place]!.license)
  })

  it('a page that says what each is for, and its licence', () => {
    const [table] = readText('docs/reference/dependencies.md').split('\n## ')
    const rows = table!.split('\n').filter(line => line.startsWith('| `')).map(line => line.split(' | '))
    expect(rows.map(([name, , licence]) => [name!.slice(3, -1), licence!.replace(' |', '')]))
      .toEqual(Object.keys(dependencies).map(name => [name, installed[`node_modules/${name}`]!.license]))
  })
})

/** Where everything lies that these packages bring along, themselves included. */
function reachable(names: readonly string[]): string[] {
  const found = new Set<string>()
  const queue = names.map(name => placeOf(name, ''))
  for (const place of queue) {
    if (found.has(place)) continue
    found.add(place)
    queue.push(...Object.keys(installed[place]!.dependencies ?? {}).map(name => placeOf(name, place)))
  }
  return [...found]
}

/** As Node looks a package up: beside whoever asks, then in each folder above. */
function placeOf(name: string, from: string): string {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const place = `${folder && `${folder}/`}node_modules/${name}`
    if (place in installed) return place
    if (!folder) throw new Error(`${from} asks for ${name}, which the lockfile does not hold.`)
  }
}
