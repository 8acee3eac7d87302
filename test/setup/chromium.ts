import type { TestProject } from 'vitest/node'
import { CHROMIUM, requireProgram } from './programs'

/** Global setup: finds or installs Chromium once, and tells the tests where it is by `inject('chromium')`. */
export default function setup(project: TestProject): void {
  project.provide('chromium', requireProgram(CHROMIUM))
}
