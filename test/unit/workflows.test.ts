import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { ROWS } from '../compat/rows'
import { readText } from '../support/docs'

interface Workflow {
  permissions: object
  jobs: Record<string, { permissions: object, strategy?: { matrix: Record<string, unknown[]> }, steps: { uses?: string, run?: string }[] }>
}

const workflow = (name: string): Workflow => parse(readText(`.github/workflows/${name}.yml`))

describe.each(['ci', 'release'])('%s.yml', (name) => {
  const { permissions, jobs } = workflow(name)

  it('grants nothing but what a job asks for', () => {
    expect(permissions).toEqual({})
    for (const job of Object.values(jobs)) expect(job.permissions).toMatchObject({ contents: 'read' })
  })

  it('pins actions by their major', () => {
    const used = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ uses }) => uses ?? []))
    expect(used.length).toBeGreaterThan(1)
    for (const action of used) expect(action).toMatch(/^actions\/[\w-]+@v\d+$/)
  })

  it('runs scripts that exist', () => {
    const root = JSON.parse(readText('package.json')).scripts
    const bench = JSON.parse(readText('bench/package.json')).scripts
    const runs = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => /^npm run ([\w:]+)/.exec(run ?? '')?.[1] ?? []))
    for (const script of runs) expect({ ...root, ...bench }).toHaveProperty([script])
  })
})

it('tries every row of the compatibility matrix', () => {
  const rows = workflow('ci').jobs.compat!.strategy!.matrix.rows as string[]
  expect(rows.flatMap(line => line.split(' ')).toSorted()).toEqual(ROWS.map(row => row.name).toSorted())
})

it('publishes by the identity of the run, with provenance', () => {
  const { permissions, steps } = workflow('release').jobs.publish!
  expect(permissions).toEqual({ 'contents': 'read', 'id-token': 'write' })
  expect(steps.at(-1)!.run).toBe('npm run release -- --publish')
  expect(readText('scripts/release.mjs')).toContain('--provenance')
})
