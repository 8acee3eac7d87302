import { z } from 'zod'

/** Four tools, one for each way in which a call gets its answer. */
export function useDemoTools() {
  return {
    get_weather: {
      description: 'Tells the weather of a city.',
      schema: z.object({ city: z.string() }),
      execute: ({ city }: { city: string }) => ({ city, degrees: 4 + city.length, sky: 'clear' }),
    },
    roll_dice: {
      description: 'Rolls dice.',
      schema: z.object({ count: z.number().optional() }),
      async execute(_: unknown, { signal }: { signal: AbortSignal }) {
        await new Promise<void>((resolve, reject) => {
          const timer = setTimeout(resolve, 600)
          signal.addEventListener('abort', () => {
            clearTimeout(timer)
            reject(new Error('The dice were put away.'))
          })
        })
        return { dice: [4, 2] }
      },
    },
    send_postcard: {
      description: 'Sends a postcard to a city. The user is asked first.',
      schema: z.object({ city: z.string() }),
      approval: true,
      execute: ({ city }: { city: string }) => `A postcard is on its way to ${city}.`,
    },
    choose_colour: {
      description: 'Lets the user choose a colour.',
    },
  }
}
