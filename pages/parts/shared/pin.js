// The pin that keeps a run beside the others.

export const PIN_ICON = `<svg viewBox="0 0 16 16" aria-hidden="true">
  <path d="M5 1.5h6M6 1.5v5L3.5 9.5h9L10 6.5v-5M8 9.5v5" stroke-linecap="round" stroke-linejoin="round"/></svg>`;
