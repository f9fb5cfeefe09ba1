/** The README.md of an exported folder: what the model is, what it learned from, how good it is, how to open it. */
import type { ModelSpec } from '../models/modelSpec.ts';
import { schemaOf } from '../models/parameters.ts';
import { schemaSize } from '../tensor/params.ts';
import { objectiveWords, type ObjectiveWords } from './objectiveWords.ts';

interface Scores {
  readonly knn: number;
  readonly probe: number;
}

export interface CardFacts {
  readonly run: string;
  readonly version: string;
  readonly rounds: number;
  /** Training samples seen, repetitions counted. */
  readonly samples: number;
  readonly data: { readonly name: string; readonly examples: number };
  /** Shares of 1, beside the baselines measured the same way; left out without labels. */
  readonly scores?:
    | (Scores & {
        readonly baselines: { readonly untrained: Scores; readonly pixels: Scores };
        readonly trainCount: number;
        readonly testCount: number;
        readonly features: string;
      })
    | undefined;
}

/** Markdown with the front matter that Hugging Face's hub reads. */
export function modelCard(folder: 'mae' | 'encoder', spec: ModelSpec, facts: CardFacts): string {
  const { config } = spec;
  const shape = `${config.imageSize}×${config.imageSize}×${config.numChannels}`;
  const words = objectiveWords(spec);
  const what =
    folder === 'mae'
      ? 'A masked autoencoder: encoder and decoder, as trained.'
      : `The encoder of ${words.whole}, for features or as a start for fine-tuning.`;
  return [
    frontMatter(folder, words),
    `# ${heading(facts.run)}: ${folder}\n`,
    `${what} A plain ViT for pictures of ${shape} in ${config.patchSize}×${config.patchSize} patches: width ` +
      `${config.hiddenSize}, ${config.numHiddenLayers} layers, ${config.numAttentionHeads} heads ` +
      `(${schemaSize(schemaOf(spec)).toLocaleString('en-US')} parameters with the ${words.head}). Trained by many ` +
      `machines together with Murmur, ${words.labels ? 'with' : 'without'} labels.\n`,
    trainingSection(spec, facts),
    scoreSection(facts.scores),
    folder === 'mae' ? openMae : openEncoder,
    checkSection,
  ].join('\n');
}

const frontMatter = (folder: 'mae' | 'encoder', { tag, labels }: ObjectiveWords): string =>
  `---\nlibrary_name: transformers\npipeline_tag: image-feature-extraction\ntags:\n  - ${folder === 'mae' ? 'vit_mae' : 'vit'}\n` +
  `${labels ? '' : '  - self-supervised\n'}  - ${tag}\n  - murmur\n---\n`;

/** Names come from files and flags: one line, no markup. */
const heading = (name: string): string => name.replace(/[^\p{L}\p{N}._-]+/gu, ' ').trim() || 'model';

const trainingSection = (spec: ModelSpec, facts: CardFacts): string => `## Training

| | |
| --- | --- |
| data | ${heading(facts.data.name)}, ${facts.data.examples.toLocaleString('en-US')} pictures, ${objectiveWords(spec).labels ? 'with their labels' : 'no labels used'} |
| objective | ${objectiveWords(spec).method} |
| rounds | ${facts.rounds} |
| samples seen | ${facts.samples.toLocaleString('en-US')} |
| version | \`${facts.version}\` (SHA-256 of the trained float32 values) |
`;

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

function scoreSection(scores: CardFacts['scores']): string {
  if (scores === undefined) {
    return '## Scores\n\nNone: the evaluation pictures had no labels to measure with.\n';
  }
  const row = (name: string, { knn, probe }: Scores) => `| ${name} | ${percent(knn)} | ${percent(probe)} |`;
  return `## Scores

Share of ${scores.testCount} held-out test pictures classified correctly from ${scores.trainCount} labelled ones that were
never trained on: weighted kNN (k = 10, cosine) and a linear probe (logistic regression on standardised features).
Features: ${scores.features}.

| | kNN | linear probe |
| --- | --- | --- |
${row('this encoder', scores)}
${row('the same encoder untrained', scores.baselines.untrained)}
${row('raw pixels', scores.baselines.pixels)}
`;
}

const openMae = `## Use

\`\`\`python
from transformers import ViTMAEForPreTraining
model = ViTMAEForPreTraining.from_pretrained("mae")
\`\`\`
`;

const openEncoder = `## Use

In Python:

\`\`\`python
from transformers import ViTModel
model = ViTModel.from_pretrained("encoder", add_pooling_layer=False)
\`\`\`

The features that were scored are \`model(pixel_values).last_hidden_state[:, 1:].mean(1)\`.
\`preprocessor_config.json\` holds the size and the normalisation (\`ViTImageProcessor.from_pretrained("encoder")\`).

In a page, with Murmur's core:

\`\`\`js
import { openEncoder } from '@murmur/core/export/openEncoder';
const encoder = await openEncoder((file) => fetch(\`encoder/\${file}\`).then((r) => r.arrayBuffer()));
const features = encoder.encode(pixels, 1); // uint8 RGB [1, side, side, channels] → Float32Array [1, width]
\`\`\`
`;

const checkSection = `## Check

\`parity.json\` holds inputs and what the training code computed for them; a faithful loader agrees within
1e-4 · max(1, largest value). Positions are the fixed sine-cosine table and are in the file; LayerNorm's ε is in
\`config.json\` and is not the library's default.
`;
