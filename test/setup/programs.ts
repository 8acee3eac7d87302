import { execFileSync, spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'

/** A program that tests need and npm does not bring. */
export interface Program {
  /** What messages call it. */
  label: string
  /** Environment variable that names the executable and wins over everything. */
  variable: string
  /** Names looked up on PATH, and absolute paths, in order. */
  candidates: readonly string[]
  /** Debian package that brings it. */
  package: string
}

export const CHROMIUM: Program = {
  label: 'Chromium',
  variable: 'CHROMIUM_PATH',
  candidates: [
    'chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ],
  package: 'chromium',
}

export const REDIS_SERVER: Program = {
  label: 'Redis',
  variable: 'REDIS_SERVER_PATH',
  candidates: ['redis-server', '/opt/homebrew/bin/redis-server', '/usr/local/bin/redis-server'],
  package: 'redis-server',
}

export const NGINX: Program = {
  label: 'nginx',
  variable: 'NGINX_PATH',
  candidates: ['nginx', '/usr/sbin/nginx', '/opt/homebrew/bin/nginx'],
  package: 'nginx-light',
}

/**
 * Path of the program: named by its variable, found on the system, or installed with apt when we are root on Debian or
 * Ubuntu. Otherwise throws, naming the one command that mends it: tests never pass by leaving out what they need.
 */
export function requireProgram(program: Program): string {
  const path = findProgram(program)
  if (path) return path
  if (canInstall()) {
    install(program.package)
    const installed = findProgram(program)
    if (installed) return installed
  }
  throw new Error(`${program.label} is needed by the tests and was not found. Install it with `
    + `\`sudo apt-get install ${program.package}\`, or set ${program.variable} to its executable.`)
}

function findProgram({ variable, candidates, label }: Program): string | undefined {
  const named = process.env[variable]
  if (named) {
    if (isExecutable(named)) return named
    throw new Error(`${variable} is set to ${named}, which is not an executable ${label}.`)
  }
  const folders = (process.env.PATH ?? '').split(delimiter)
  for (const candidate of candidates) {
    const paths = isAbsolute(candidate) ? [candidate] : folders.map(folder => join(folder, candidate))
    const path = paths.find(isExecutable)
    if (path) return path
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  }
  catch {
    return false // absent or not ours to run: the next candidate
  }
}

function canInstall(): boolean {
  return process.getuid?.() === 0 && existsSync('/etc/os-release')
    && /^ID(?:_LIKE)?=.*\b(?:debian|ubuntu)\b/m.test(readFileSync('/etc/os-release', 'utf8'))
}

function install(name: string): void {
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  spawnSync('apt-get', ['update', '-qq'], { stdio: 'inherit', env: environment })
  // A service that the package would start is refused: tests start their own, and end it.
  execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', name], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...environment, RUNLEVEL: '1' },
  })
}
