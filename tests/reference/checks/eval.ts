import { knn } from '@murmur/core/evaluate/knn';
import { predictLinear, trainLinearProbe } from '@murmur/core/evaluate/linearProbe';
import type { Matrix } from '@murmur/core/evaluate/rowProducts';
import { accuracy } from '@murmur/core/evaluate/score';
import { fitStandardiser, standardise } from '@murmur/core/evaluate/standardise';
import { z } from 'zod';
import type { Check } from '../check.ts';
import { fixtureTensor, type FixtureTensor } from '../fixture.ts';
import type { Report } from '../report.ts';

const knnCase = z.object({
  k: z.number(),
  temperature: z.number(),
  accuracy: z.number(),
  predicted: fixtureTensor,
  scores: fixtureTensor,
  neighbours_sorted_by_index: fixtureTensor,
});

const probeCase = z.object({
  standardise: z.boolean(),
  l2: z.number(),
  objective: z.number(),
  train_accuracy: z.number(),
  test_accuracy: z.number(),
  predicted: fixtureTensor,
  weight: fixtureTensor,
  bias: fixtureTensor,
});

const schema = z.object({
  classes: z.number(),
  train_x: fixtureTensor,
  train_y: fixtureTensor,
  test_x: fixtureTensor,
  test_y: fixtureTensor,
  knn: z.array(knnCase),
  probe: z.array(probeCase),
});

type Fixture = z.infer<typeof schema>;

const EXACT = { abs: 0, rel_to_max: 0 };
/** Convention 12: the objective agrees within 1e-4 of itself, W within 1e-2 of its largest entry. */
const OBJECTIVE = { abs: 0, rel_to_max: 1e-4 };
const WEIGHT = { abs: 0, rel_to_max: 1e-2 };

const matrixOf = ({ shape: [rows = 0, width = 0], data }: FixtureTensor): Matrix => ({
  values: Float32Array.from(data),
  rows,
  width,
});

const labelsOf = (tensor: FixtureTensor): Uint16Array => Uint16Array.from(tensor.data);

function checkKnn(file: Fixture, report: Report, index: number): void {
  const expected = file.knn[index] as z.infer<typeof knnCase>;
  const [train, test] = [matrixOf(file.train_x), matrixOf(file.test_x)];
  const got = knn(train, labelsOf(file.train_y), test, { ...expected, classes: file.classes });
  const sorted = Uint32Array.from({ length: got.neighbours.length });
  for (let row = 0; row < test.rows; row++) {
    const from = row * expected.k;
    sorted.set(got.neighbours.slice(from, from + expected.k).sort(), from);
  }
  const label = `knn ${index} (k ${expected.k})`;
  const [rows, classes] = [test.rows, file.classes];
  report.close(`${label} predicted`, { shape: [rows], data: got.predicted }, expected.predicted, EXACT);
  const neighbours = expected.neighbours_sorted_by_index;
  report.close(`${label} neighbours`, { shape: [rows, expected.k], data: sorted }, neighbours, EXACT);
  // Votes span orders of magnitude: exp(similarity / temperature) in seven printed digits.
  const votes = { shape: [rows, classes], data: got.votes };
  report.close(`${label} votes`, votes, expected.scores, { abs: 1e-4, rel_to_max: 1e-5 });
  report.same(`${label} accuracy`, accuracy(got.predicted, labelsOf(file.test_y)), expected.accuracy);
}

function checkProbe(file: Fixture, report: Report, index: number): void {
  const expected = file.probe[index] as z.infer<typeof probeCase>;
  const [trainLabels, testLabels] = [labelsOf(file.train_y), labelsOf(file.test_y)];
  let [train, test] = [matrixOf(file.train_x), matrixOf(file.test_x)];
  if (expected.standardise) {
    const by = fitStandardiser(train);
    [train, test] = [standardise(train, by), standardise(test, by)];
  }
  const options = { classes: file.classes, l2: expected.l2, tolerance: 1e-7, maxIterations: 1000 };
  const got = trainLinearProbe(train, trainLabels, options);
  const predicted = predictLinear(got, test);
  const label = `probe ${index} (${expected.standardise ? 'standardised' : 'raw'}, l2 ${expected.l2})`;
  const [rows, classes, width] = [test.rows, file.classes, train.width];
  report.close(
    `${label} objective`,
    { shape: [], data: [got.objective] },
    { shape: [], data: [expected.objective] },
    OBJECTIVE,
  );
  report.close(`${label} predicted`, { shape: [rows], data: predicted }, expected.predicted, EXACT);
  report.close(`${label} weight`, { shape: [classes, width], data: got.weight }, expected.weight, WEIGHT);
  report.close(`${label} bias`, { shape: [classes], data: got.bias }, expected.bias, WEIGHT);
  report.same(
    `${label} training accuracy`,
    accuracy(predictLinear(got, train), trainLabels),
    expected.train_accuracy,
  );
  report.same(`${label} test accuracy`, accuracy(predicted, testLabels), expected.test_accuracy);
}

/** Called `eval` in the fixtures, a name that strict mode does not allow. */
export const evaluation: Check = (file, report) => {
  const fixture = schema.parse(file);
  fixture.knn.forEach((_, i) => checkKnn(fixture, report, i));
  fixture.probe.forEach((_, i) => checkProbe(fixture, report, i));
};
