import { type Browser, chromium } from 'playwright-core'
import type { TestProject } from 'vitest/node'
import { CHROMIUM, requireProgram } from './programs'

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the Chromium that the tests drive. */
    chromium: string
  }
}

/** Global setup: finds or installs Chromium once, and tells the tests where it is by `inject('chromium')`. */
export default function setup(project: TestProject): void {
  project.provide('chromium', requireProgram(CHROMIUM))
}

/** Starts the Chromium that `inject('chromium')` names. Whoever starts it closes it. */
export function launchChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync',
    ],
  })
}
