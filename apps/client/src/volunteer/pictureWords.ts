/** What the page says of the pictures that a volunteer shows, by what is learned. */
import type { ObjectiveName } from '@murmur/core/models/recipes';

export interface PictureWords {
  readonly heading: string;
  /** Of the three rows of a preview; one without a word is not shown. */
  readonly rows: readonly [string, string?, string?];
  readonly caption: (round: number) => string;
  /** Before there are any. */
  readonly toCome: string;
}

const WORDS: Readonly<Record<ObjectiveName, PictureWords>> = {
  mae: {
    heading: 'What the model imagines',
    rows: ['Original', 'What the model sees', 'What it predicts'],
    caption: (round) =>
      `After round ${round}. The model sees only the patches that are not grey and predicts the others.`,
    toCome:
      'After the first round, pictures appear here three times: whole, with most of their patches hidden, and as the ' +
      'model fills them in.',
  },
  simclr: {
    heading: 'What the model compares',
    rows: ['Original', 'View one', 'View two'],
    caption: () =>
      'Each picture is cut, mirrored and recoloured at random, twice. The model learns to tell which two ' +
      'views are of one picture.',
    toCome:
      'After the first round, pictures appear here three times: whole, and as two random views of each.',
  },
  autoencoder: {
    heading: 'What the model remembers',
    rows: ['Original', 'What the model sees', 'What it makes of its code'],
    caption: (round) =>
      `After round ${round}. The model sees the whole picture, keeps a few numbers of it, its code, and draws it again ` +
      'from those alone.',
    toCome:
      'After the first round, pictures appear here three times: whole, as the model sees them, and as it draws them again ' +
      'from a few numbers.',
  },
  denoise: {
    heading: 'What the model cleans',
    rows: ['Original', 'What the model sees', 'What it predicts'],
    caption: (round) => `After round ${round}. The model sees the noisy picture and predicts the clean one.`,
    toCome:
      'After the first round, pictures appear here three times: clean, with noise, and as the model cleans them.',
  },
  colorize: {
    heading: 'What the model colours',
    rows: ['Original', 'What the model sees', 'The colours it predicts'],
    caption: (round) =>
      `After round ${round}. The model sees only how light each pixel is, and predicts the colours.`,
    toCome:
      'After the first round, pictures appear here three times: in colour, without it, and as the model colours them.',
  },
  supervised: {
    heading: 'What the model learns from',
    rows: ['Picture'],
    caption: () => 'The model sees the whole picture and learns to tell its class, which comes with it.',
    toCome: 'After the first round, pictures appear here.',
  },
};

/** For a run of which nothing is known yet, and for objectives of a newer coordinator. */
const PLAIN: PictureWords = {
  heading: 'What the model learns from',
  rows: ['Original', 'What the model is given', 'What it makes of it'],
  caption: (round) => `After round ${round}.`,
  toCome: 'After the first round, pictures appear here.',
};

export const pictureWords = (objective: string | undefined): PictureWords =>
  Object.entries(WORDS).find(([name]) => name === objective)?.[1] ?? PLAIN;
