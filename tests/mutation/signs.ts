/** Which changes of a sign there are at a node of a syntax tree. */
import ts from 'typescript';

/** One way to write a node with a sign changed. */
export interface Change {
  /** Its text with the change; `text` gives that of a part, where changes of its own may stand. */
  write(text: (part: ts.Node) => string): string;
}

const FLIPPED = new Map<ts.SyntaxKind, string>([
  [ts.SyntaxKind.PlusToken, '-'],
  [ts.SyntaxKind.MinusToken, '+'],
  [ts.SyntaxKind.PlusEqualsToken, '-='],
  [ts.SyntaxKind.MinusEqualsToken, '+='],
  [ts.SyntaxKind.LessThanToken, '>'],
  [ts.SyntaxKind.GreaterThanToken, '<'],
  [ts.SyntaxKind.LessThanEqualsToken, '>='],
  [ts.SyntaxKind.GreaterThanEqualsToken, '<='],
]);
const SIGNED = [ts.SyntaxKind.PlusToken, ts.SyntaxKind.MinusToken];
const PRODUCTS = [ts.SyntaxKind.AsteriskToken, ts.SyntaxKind.SlashToken, ts.SyntaxKind.AsteriskAsteriskToken];
const FLIPPED_CALLS: Readonly<Record<string, string>> = { add: 'sub', sub: 'add' };

/** The name that is called, without what it belongs to: `tf.add(…)` → "add". */
function calledName(node: ts.Node): string | undefined {
  if (!ts.isCallExpression(node)) return undefined;
  const { expression } = node;
  if (ts.isPropertyAccessExpression(expression)) return expression.name.text;
  return ts.isIdentifier(expression) ? expression.text : undefined;
}

/** `tf.` of `tf.add(…)`, nothing of `add(…)`. */
const ownerOf = ({ expression }: ts.CallExpression): string =>
  ts.isPropertyAccessExpression(expression) ? `${expression.expression.getText()}.` : '';

function flippedCall(node: ts.Node): Change[] {
  const name = calledName(node) ?? '';
  if (!ts.isCallExpression(node)) return [];
  const { arguments: args } = node;
  const other = FLIPPED_CALLS[name];
  if (other !== undefined)
    return [{ write: (text) => `${ownerOf(node)}${other}(${args.map(text).join(', ')})` }];
  if (name !== 'multiplyAdd') return [];
  const [a, b, c] = args as unknown as [ts.Node, ts.Node, ts.Node];
  return [{ write: (text) => `f32x4.sub(f32x4.mul(${text(a)}, ${text(b)}), ${text(c)})` }];
}

const isText = (node: ts.Node): boolean => ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);

function flippedOperator(node: ts.Node): Change[] {
  if (!ts.isBinaryExpression(node) || isText(node.left) || isText(node.right)) return [];
  const other = FLIPPED.get(node.operatorToken.kind);
  if (other === undefined) return [];
  return [{ write: (text) => `${text(node.left)} ${other} ${text(node.right)}` }];
}

const isMinus = (node: ts.Node): node is ts.PrefixUnaryExpression =>
  ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.MinusToken;

const droppedMinus = (node: ts.Node): Change[] =>
  isMinus(node) ? [{ write: (text) => text(node.operand) }] : [];

const isProduct = (node: ts.Node): boolean =>
  (ts.isBinaryExpression(node) && PRODUCTS.includes(node.operatorToken.kind)) ||
  ['mul', 'div'].includes(calledName(node) ?? '');

/** What stands around a node but parentheses and type assertions, and the part of it that holds the node. */
function around(node: ts.Node): { outer: ts.Node; part: ts.Node } {
  let part = node;
  while (ts.isParenthesizedExpression(part.parent) || ts.isAsExpression(part.parent)) part = part.parent;
  return { outer: part.parent, part };
}

/** Whether the sign of a node can already be changed further out: as a factor, a right-hand term or after a minus. */
function hasSign(node: ts.Node): boolean {
  const { outer, part } = around(node);
  if (isMinus(outer) || isProduct(outer)) return true;
  if (ts.isElementAccessExpression(outer)) return true; // an index, not a term
  if (ts.isCallExpression(outer) && calledName(outer) !== undefined)
    return flippedCall(outer).length > 0 && outer.arguments.indexOf(part as ts.Expression) === 1;
  if (!ts.isBinaryExpression(outer) || part !== outer.right) return false;
  return [...SIGNED, ts.SyntaxKind.PlusEqualsToken, ts.SyntaxKind.MinusEqualsToken].includes(
    outer.operatorToken.kind,
  );
}

/** A product of tensors or lanes has a function where one of numbers has a minus. */
function addedMinus(node: ts.Node): Change[] {
  if (!isProduct(node) || hasSign(node)) return [];
  if (!ts.isCallExpression(node)) return [{ write: (text) => `-(${text(node)})` }];
  const owner = ownerOf(node);
  if (owner === 'f32x4.') return [{ write: (text) => `f32x4.neg(${text(node)})` }];
  return [{ write: (text) => `${owner}mul(${text(node)}, -1)` }];
}

/** Numbers that are given a name; zero has no sign, and others are part of a sum or a product, or places. */
function negatedConstant(node: ts.Node): Change[] {
  if (!ts.isNumericLiteral(node) || Number(node.text) === 0) return [];
  const { outer } = around(node);
  const list = ts.isArrayLiteralExpression(outer) ? around(outer).outer : outer;
  return ts.isVariableDeclaration(list) || ts.isPropertyAssignment(list)
    ? [{ write: (text) => `-${text(node)}` }]
    : [];
}

/** Every change of a sign that belongs to this node and to none of its parts. */
export const changesAt = (node: ts.Node): Change[] =>
  [flippedOperator, flippedCall, droppedMinus, addedMinus, negatedConstant].flatMap((find) => find(node));
