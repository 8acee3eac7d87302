import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { HEARTBEAT, LIMITS, RESUME, RETRIES, ROUTE, TIMEOUTS } from '../../src/runtime/server/relay/defaults'
import { PROVIDERS } from '../../src/runtime/server/relay/providers'
import { prose, readPages, readText, root } from '../support/docs'

const pages = readPages()

describe('errors.md', () => {
  const rows = tableRows(readText('docs/guide/errors.md'))

  it.each(['RelayErrorCode', 'ReaderErrorCode'])('names every code of %s', (type) => {
    const page = readText('docs/guide/errors.md')
    for (const code of unionMembers('src/runtime/shared/errors.ts', type)) expect(page).toContain(`\`${code}\``)
  })

  it('has a row with a cause and a remedy for each', () => {
    const codes = [...new Set(['RelayErrorCode', 'ReaderErrorCode'].flatMap(type => unionMembers('src/runtime/shared/errors.ts', type)))]
    const described = rows.filter(([first]) => /^`[a-z_]+`$/.test(first!)).map(([first]) => first!.slice(1, -1))
    expect(described).toEqual(expect.arrayContaining(codes))
  })
})

describe('options.md', () => {
  const sections = new Map(readText('docs/reference/options.md').split(/^## /m).map(section => [section.split('\n')[0]!, tableRows(section)]))

  it.each([
    ['Limits', LIMITS], ['Timeouts', TIMEOUTS], ['Resume', { ...RESUME, secret: undefined }],
    ['Module', { heartbeat: HEARTBEAT, route: ROUTE }], ['Upstream', { retries: RETRIES }],
  ])('says the defaults of %s', (section, defaults) => {
    for (const [key, value] of Object.entries(defaults)) {
      if (value === undefined) continue
      expect(sections.get(section)!.find(([first]) => first === `\`${key}\``)?.at(-1), key).toContain(`\`${value}\``)
    }
  })

  it.each([
    ['Module', 'src/options.ts', 'ModuleOptions'],
    ['Module', 'src/runtime/server/relay/options.ts', 'RelayOptions'],
    ['Upstream', 'src/runtime/server/relay/upstream-options.ts', 'UpstreamOptions'],
    ['Upstream', 'src/runtime/server/relay/upstream-options.ts', 'ParamsOptions'],
    ['Limits', 'src/runtime/server/relay/defaults.ts', 'Limits'],
    ['Timeouts', 'src/runtime/server/relay/defaults.ts', 'Timeouts'],
    ['Resume', 'src/runtime/server/relay/defaults.ts', 'ResumeOptions'],
    ['Rules', 'src/runtime/server/relay/rules.ts', 'LlmStreamRules'],
    ['`useStream`', 'src/runtime/app/composables/stream-options.ts', 'UseStreamOptions'],
    ['`useStream`', 'src/runtime/app/run/hooks.ts', 'StreamHooks'],
    ['`useStream`', 'src/runtime/app/composables/stream-return.ts', 'UseStreamReturn'],
    ['`useConversation`', 'src/runtime/app/composables/conversation-options.ts', 'UseConversationOptions'],
  ])('names in %s every member that %s gives %s', (section, file, type) => {
    const named = sections.get(section)!.flatMap(([first]) => [...first!.matchAll(/`(\w+)/g)].map(([, name]) => name!))
    expect(named).toEqual(expect.arrayContaining(interfaceMembers(file, type)))
  })
})

it('has a row for every provider', () => {
  const rows = tableRows(readText('docs/guide/providers.md'))
  for (const [name, provider] of Object.entries(PROVIDERS)) {
    if ('developmentOnly' in provider) continue
    const row = rows.find(([first]) => first === `\`${name}\``)
    expect(row?.[2], name).toBe(provider.protocols.join(', '))
    if ('baseURL' in provider) expect(row?.[1]).toBe(`\`${provider.baseURL}\``)
  }
})

it.each(pages)('has no broken link in $path', (page) => {
  for (const [, target] of prose(page).matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^[a-z]+:/.test(target!)) continue
    const [file = '', anchor] = target!.split('#')
    const path = file ? join(dirname(page.path), file) : page.path
    expect(existsSync(join(root, path)), target).toBe(true)
    if (anchor) expect(anchors(readText(path)), target).toContain(anchor)
  }
})

it('shows pictures that are there, and small', () => {
  const pictures = [...readText('README.md').matchAll(/(?:src|srcset)="([^"]+)"/g)].map(([, path]) => path!)
  expect(pictures).toHaveLength(2)
  for (const path of pictures) expect(statSync(join(root, path)).size, path).toBeLessThan(150_000)
})

/** The cells of every table row. */
function tableRows(text: string): string[][] {
  return text.split('\n').filter(line => line.startsWith('|')).map(line => line.slice(1, -1).split('|').map(cell => cell.trim().replace(/ ○$/, '')))
}

/** What headings are linked by, as GitHub makes it. */
function anchors(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading!.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-'))
}

function unionMembers(file: string, name: string): string[] {
  const type = declarations(file).find(node => ts.isTypeAliasDeclaration(node) && node.name.text === name) as ts.TypeAliasDeclaration
  return (type.type as ts.UnionTypeNode).types.map(member => ((member as ts.LiteralTypeNode).literal as ts.StringLiteral).text)
}

function interfaceMembers(file: string, name: string): string[] {
  const type = declarations(file).find(node => ts.isInterfaceDeclaration(node) && node.name.text === name) as ts.InterfaceDeclaration
  return type.members.map(member => (member.name as ts.Identifier).text)
}

function declarations(file: string): readonly ts.Statement[] {
  return ts.createSourceFile(file, readText(file), ts.ScriptTarget.Latest).statements
}
