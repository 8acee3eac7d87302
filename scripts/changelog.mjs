/** What the changelog says of a version: the date of its heading, where it has one yet, and its notes. Throws when there are none. */
export function findEntry(changelog, version) {
  for (const section of changelog.split(/^## /m).slice(1)) {
    const [heading, ...lines] = section.split('\n')
    const [name, date] = heading.split(' – ')
    const notes = lines.join('\n').trim()
    if (name === version && notes) return { date: date === 'unreleased' ? undefined : date, notes }
  }
  throw new Error(`CHANGELOG.md has no notes for ${version}: add \`## ${version} – YYYY-MM-DD\` and what changes for whom.`)
}
