/** Of the reduce budget, for what groups do inside; the rest is for what they do together (GR2). */
export const GATHER_SHARE = 0.6;
