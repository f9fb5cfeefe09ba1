/** The inside of a stand: starts a backend on this thread and measures what it is asked to. The same in Node and in a browser. */
import { key } from '@murmur/core/random/key';
import { maePreset } from '@murmur/core/models/presets';
import { backendTitle, startBackend, type BackendChoice } from '@murmur/core/tensor/backend';
import type { Clock, TrainerOptions } from '@murmur/core/train/trainer';
import { naiveAttentionCall } from '../engine/naive/naiveAttention.ts';
import { naiveTraining } from '../engine/naive/naiveStep.ts';
import { attentionOf, callOf, operationCall } from './operations.ts';
import { productCall } from './product.ts';
import { callSampler, type Sampler, type SamplingContext } from './sampling.ts';
import { PICTURE, stepSampler } from './stepSampler.ts';
import type { AttentionTask, NaiveStepTask, StandBackend, StandReply, StandRequest, Task } from './task.ts';

export interface StandHost {
  readonly wasmPath: string;
  readonly clock: Clock;
}

const isOurs = (backend: StandBackend): backend is 'relaxed' | 'plain' =>
  backend === 'relaxed' || backend === 'plain';

function choiceOf(backend: StandBackend, wasmPath: string): BackendChoice {
  if (isOurs(backend)) return { backend: 'murmur', variant: backend };
  return { backend, wasmPath };
}

async function naiveSampler({ preset, batch }: NaiveStepTask, clock: Clock): Promise<Sampler> {
  const step = naiveTraining(maePreset(preset, PICTURE), batch, key(1));
  await step();
  return async (count) => {
    const ms: number[] = [];
    for (let i = 0; i < count; i++) {
      const began = clock.now();
      await step();
      ms.push(clock.now() - began);
      await clock.pause();
    }
    return ms;
  };
}

function attentionCall({ author, sizes, direction }: AttentionTask) {
  const [batch, heads, tokens, channels] = sizes;
  if (author === 'tfjs') return naiveAttentionCall(sizes, direction);
  return callOf(attentionOf([batch, tokens, heads, channels]), direction);
}

function samplerOf(task: Task, options: TrainerOptions, context: SamplingContext): Promise<Sampler> {
  switch (task.kind) {
    case 'step':
      return stepSampler(task, options);
    case 'naiveStep':
      return naiveSampler(task, options.clock);
    case 'product':
      return callSampler(productCall(task), context);
    case 'attention':
      return callSampler(attentionCall(task), context);
    case 'operation':
      return callSampler(operationCall(task.name, task.direction), context);
  }
}

/** Answers requests, which all name the same backend; what a task needs is made once and kept. */
export function openStand({ wasmPath, clock }: StandHost): (request: StandRequest) => Promise<StandReply> {
  const samplers = new Map<string, Promise<Sampler>>();

  async function prepare({ backend, task }: StandRequest): Promise<Sampler> {
    const choice = choiceOf(backend, wasmPath);
    await startBackend(choice);
    const deferred = backend === 'webgl' || backend === 'webgpu';
    return samplerOf(task, { ...choice, clock }, { now: () => clock.now(), deferred });
  }

  async function answer(request: StandRequest): Promise<StandReply> {
    const name = JSON.stringify(request.task);
    const sampler = samplers.get(name) ?? prepare(request);
    samplers.set(name, sampler);
    const ms = await (await sampler)(request.count);
    return { ms, device: backendTitle() };
  }

  const nameOf = ({ backend, task }: StandRequest) => `${JSON.stringify(task)} on ${backend}`;
  return (request) =>
    answer(request).catch((error: unknown) => ({ error: `${nameOf(request)}: ${String(error)}` }));
}
