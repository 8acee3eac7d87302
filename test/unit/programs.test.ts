import { afterEach, expect, it } from 'vitest'
import { requireProgram } from '../setup/programs'

const NOWHERE = { label: 'Nowhere', variable: 'NOWHERE_PATH', candidates: ['no-such-program'], package: 'no-such-package' }

afterEach(() => {
  delete process.env.NOWHERE_PATH
})

it('takes the executable that the variable names', () => {
  process.env.NOWHERE_PATH = process.execPath
  expect(requireProgram(NOWHERE)).toBe(process.execPath)
})

it('names a variable that points at nothing', () => {
  process.env.NOWHERE_PATH = '/no/such/file'
  expect(() => requireProgram(NOWHERE)).toThrow('NOWHERE_PATH is set to /no/such/file, which is not an executable Nowhere.')
})

it('finds a program on PATH', () => {
  expect(requireProgram({ ...NOWHERE, candidates: ['node'] })).toMatch(/node$/)
})
