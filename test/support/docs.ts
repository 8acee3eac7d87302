import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The project's folder. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

/** A page of Markdown, by its path from the project's folder. */
export interface Page {
  path: string
  text: string
}

/** Everything that people read of this project. */
export function readPages(): Page[] {
  return ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...globSync('docs/**/*.md', { cwd: root })]
    .map(path => ({ path, text: readText(path) }))
}

export function readText(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

/** The page without its fenced code. */
export function prose({ text }: Page): string {
  return text.replace(fence, '')
}

/** A fenced block of code, wherever it is indented. */
export interface CodeBlock {
  language: string
  code: string
}

export function codeBlocks({ text }: Page): CodeBlock[] {
  return [...text.matchAll(fence)].map(([, indent, language, code]) => ({
    language: language!,
    code: code!.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }))
}

const fence = /^( *)```(\w*)\n([\s\S]*?)^ *```$/gm
