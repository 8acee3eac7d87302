export default defineAppConfig({
  ui: {
    colors: { primary: 'emerald', neutral: 'stone' },
    // The usual hover is so pale that its label falls below a contrast of 4.5 to 1.
    button: { compoundVariants: [{ color: 'primary', variant: 'solid', class: 'hover:bg-primary/95 active:bg-primary/95' }] },
  },
})
