// What the bar and the stage share, across two components of one page: the photographs are sent once, to the stage, and
// which of them to show comes from the bar.

export const game = (globalThis.genmodelsGame ??= { frame: 0, bar: null, stages: new Set() });
