import { afterAll, beforeAll, it } from 'vitest'
import type { Yard } from './fresh-app'
import { createYard } from './fresh-app'
import { ROWS } from './rows'
import { tryRow } from './try-row'

let yard: Yard

beforeAll(async () => {
  yard = await createYard()
})
afterAll(() => yard?.remove())

it.for(ROWS.map(row => [row.name, row] as const))('%s', ([, row]) => tryRow(yard, row))
