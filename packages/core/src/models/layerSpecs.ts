/** Names and shapes of the parameters of layers, in Hugging Face's order; needs no tensor library. */
import type { ParamSpec } from '../tensor/params.ts';

export const linearSpecs = (name: string, inputs: number, outputs: number, bias = true): ParamSpec[] => [
  { name: `${name}.weight`, shape: [outputs, inputs] },
  ...(bias ? [{ name: `${name}.bias`, shape: [outputs] }] : []),
];

export const normSpecs = (name: string, width: number): ParamSpec[] => [
  { name: `${name}.weight`, shape: [width] },
  { name: `${name}.bias`, shape: [width] },
];

function blockSpecs(prefix: string, width: number, hidden: number, qkvBias: boolean): ParamSpec[] {
  return [
    ...['query', 'key', 'value'].flatMap((part) =>
      linearSpecs(`${prefix}.attention.attention.${part}`, width, width, qkvBias),
    ),
    ...linearSpecs(`${prefix}.attention.output.dense`, width, width),
    ...linearSpecs(`${prefix}.intermediate.dense`, width, hidden),
    ...linearSpecs(`${prefix}.output.dense`, hidden, width),
    ...normSpecs(`${prefix}.layernorm_before`, width),
    ...normSpecs(`${prefix}.layernorm_after`, width),
  ];
}

export interface Layers {
  readonly prefix: string;
  readonly count: number;
  readonly width: number;
  readonly hidden: number;
  readonly qkvBias: boolean;
}

export const layerSpecs = ({ prefix, count, width, hidden, qkvBias }: Layers): ParamSpec[] =>
  Array.from({ length: count }, (_, i) => blockSpecs(`${prefix}.${i}`, width, hidden, qkvBias)).flat();
