import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder of the built fixture app, for `startServer`. */
    basicApp: string
    /** Folder of the built playground, for `startServer`. */
    playgroundApp: string
  }
}

const root = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)

/** Global setup: builds the fixture app and the playground once, for all end-to-end tests. */
export default async function setup(project: TestProject): Promise<void> {
  project.provide('basicApp', await build('test/fixtures/basic'))
  project.provide('playgroundApp', await build('playground'))
}

async function build(app: string): Promise<string> {
  const folder = fileURLToPath(new URL(`../../${app}`, import.meta.url))
  try {
    await run(process.execPath, [`${root}node_modules/@nuxt/cli/bin/nuxi.mjs`, 'build', folder], {
      cwd: root,
      env: { ...process.env, NODE_ENV: 'production', NUXT_TELEMETRY_DISABLED: '1' },
      maxBuffer: 64 << 20,
    })
  }
  catch (error) {
    const { stdout, stderr } = error as { stdout: string, stderr: string }
    throw new Error(`${app} could not be built:\n${stdout}\n${stderr}`, { cause: error })
  }
  return folder
}
