/** What the demo upstream has to say. Written for this project. */

export const greeting = `Hello! I am the demo upstream: a small server on your own machine that plays a language model, so that you can build without a key, a bill or a network.

Everything around me is real. These words left as server-sent events, crossed the relay, and arrive a piece at a time – with 你好世界, Ελληνικά, русский and a few emoji 👩‍🚀🎈🇵🇹 on board, because streams break where languages do.

Ask for trouble and you will get it. One word in your prompt is enough: **tool**, **reason**, **json**, **markdown**, **long**, **poem**, **refuse**, **slow**, **stall**, **cut**, **truncate**, **error**, **401**, **429** or **500**. Or say **echo** and something nice.`

export const poem = `A word sets out before the next,
no page has yet been bound.
It crosses wires, undersea,
and never makes a sound.

It asks for no more than a door
left open for a while –
so keep the stream, dear page, and read:
I come to you in file.

一字一句,慢慢来。🌊`

export const reasoning = `The question looks simple, so let me be careful. Three ducks swim in a row. In front of a duck there are two; behind a duck there are two; between two ducks there is one. If I count them by position I might get five – but "a duck" need not be the same duck each time. The first has two behind, the last has two in front, the one in the middle is between. That is three, and it fits all three sentences.`

export const reasoned = `Three ducks. 🦆🦆🦆

The last one has two in front of it, the first one has two behind it, and the middle one swims between. Counting each sentence separately is what makes people answer five.`

export const refusal = 'I would rather not help with that. Ask me something kinder, and I am all yours.'

export const markdown = `# A field guide to streams

A good stream has **three** properties, in this order:

1. The first word comes *soon*.
2. Every word comes *once*.
3. The last word is known to be the last.

| sign | meaning |
|------|---------|
| \`data:\` | a piece of the answer |
| \`:\` | somebody is still there |
| \`[DONE]\` | it was all said |

Reading one takes a loop and some patience:

\`\`\`ts
const { text, start, stop } = useStream()
await start('Tell me about rivers')
\`\`\`

> Patience is a kind of back-pressure.

More in [the specification](https://html.spec.whatwg.org/multipage/server-sent-events.html), which is shorter than its reputation. 中文、日本語 and emoji 🐟 travel first class.`

const chapters: readonly (readonly [place: string, weather: string, find: string])[] = [
  ['a harbour where nobody was in a hurry', 'the fog came in sideways', 'a map of places that had moved'],
  ['an observatory with its roof open', 'the stars were unusually well behaved', 'a lens that showed yesterday'],
  ['a library that lent only first sentences', 'rain wrote on the windows', 'a bookmark nobody had used'],
  ['a railway station between two timetables', 'the wind had missed its train', 'a ticket to 台北, one way'],
  ['a market that sold sounds by weight', 'the heat hummed in C', 'half a pound of thunder, slightly used ⛈️'],
  ['a lighthouse that answered letters', 'the tide was thinking it over', 'a stamp with tomorrow\'s date'],
  ['a school for retired clouds', 'snow fell, for practice', 'chalk that remembered'],
  ['a bridge that went to neither side', 'the evening took its time', 'a way across, after all'],
]

/** A story of many small chapters: about six thousand characters, for scrolling and for stopping. */
export const story = Array.from({ length: 24 }, (_, index) => {
  const [place, weather, find] = chapters[index % chapters.length]!
  const day = index + 1
  return `Day ${day}. We came to ${place}. It was day ${day} of a journey that had been planned for one, and ${weather}. `
    + `Nobody asked how far it still was. We stayed for tea, and left with ${find}, which is more than most people leave with.`
}).join('\n\n')

/** What the demo says when the app has answered its tool calls. */
export function toolAnswer(results: readonly string[]): string {
  const intro = results.length === 1 ? 'Your tool answered, thank you. It says:' : `Your ${results.length} tools answered, thank you. They say:`
  return `${intro}\n\n${results.map(result => `\`\`\`\n${result}\n\`\`\``).join('\n\n')}\n\nThat settles it. 🛠️`
}

/** What the demo sends for "json" when no schema was given. */
export const recipe = {
  title: 'Lemonade on the roof',
  servings: 4,
  ingredients: ['two ripe lemons', 'a handful of mint 🌿', 'cold water', '一点糖'],
  steps: ['Squeeze.', 'Stir.', 'Climb the stairs.'],
}
