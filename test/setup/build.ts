import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'
import { buildApp } from './nuxt'
import { CHROMIUM, requireProgram } from './programs'

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder of the built fixture app, for `startServer`. */
    basicApp: string
    /** Folder of the built playground, for `startServer`. */
    playgroundApp: string
    /** Path of the Chromium that the tests drive. */
    chromium: string
  }
}

/** Global setup: builds the fixture app and the playground once, for all end-to-end tests. */
export default async function setup(project: TestProject): Promise<void> {
  project.provide('chromium', requireProgram(CHROMIUM))
  project.provide('basicApp', await build('test/fixtures/basic'))
  project.provide('playgroundApp', await build('playground'))
}

async function build(app: string): Promise<string> {
  const folder = fileURLToPath(new URL(`../../${app}`, import.meta.url))
  await buildApp(folder)
  return folder
}
