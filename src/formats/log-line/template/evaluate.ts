import { failureAt } from "./failure.ts";
import { callFunction, type GoFunctions } from "./function.ts";
import type { Command, Node, Nodes, Operand, Pipe, Templates } from "./nodes.ts";
import { printed } from "./print.ts";
import { isDict, isList, isTrue, sortedEntries, typeName, type Value } from "./values.ts";

/** A template with all that it refers to. */
export interface Program {
  readonly source: string;
  readonly templates: Templates;
  readonly functions: GoFunctions;
}

/** What the template prints of the data. Throws an Error with the place if an action fails. */
export function evaluate(program: Program, data: Value): string {
  const run = new Run(program);
  run.template("", data, 0);
  return run.output;
}

/** A template that calls itself for ever must fail before the stack does. */
const maxDepth = 500;

/** A number that comes from a log line must not keep the agent busy. */
const maxRounds = 1_000_000n;

type Signal = "break" | "continue" | undefined;

class Run {
  output = "";
  readonly #program: Program;
  /** Innermost last. */
  #variables: Array<{ name: string; value: Value }> = [];
  #depth = 0;

  constructor(program: Program) {
    this.#program = program;
  }

  template(name: string, dot: Value, at: number): void {
    if (this.#depth >= maxDepth) throw this.#failure(at, `more than ${maxDepth} templates within each other`);
    const variables = this.#variables;
    this.#variables = [{ name: "$", value: dot }];
    this.#depth++;
    this.#walk(this.#program.templates.get(name) ?? [], dot);
    this.#depth--;
    this.#variables = variables;
  }

  #walk(nodes: Nodes, dot: Value): Signal {
    for (const node of nodes) {
      const signal = this.#node(node, dot);
      if (signal !== undefined) return signal;
    }
    return undefined;
  }

  #node(node: Node, dot: Value): Signal {
    switch (node.kind) {
      case "text":
        this.output += node.text;
        return undefined;
      case "action": {
        const value = this.#pipe(node.pipe, dot);
        if (node.pipe.variables.length === 0) this.output += printed(value);
        return undefined;
      }
      case "template":
        this.template(node.name, node.pipe === undefined ? undefined : this.#pipe(node.pipe, dot), node.at);
        return undefined;
      case "break":
      case "continue":
        return node.kind;
      default: {
        const scope = this.#variables.length;
        const signal = node.kind === "range" ? this.#range(node, dot) : this.#branch(node, dot);
        this.#variables.length = scope;
        return signal;
      }
    }
  }

  #branch({ kind, pipe, body, otherwise }: Extract<Node, { kind: "if" | "with" | "range" }>, dot: Value): Signal {
    const value = this.#pipe(pipe, dot);
    if (!isTrue(value)) return this.#walk(otherwise, dot);
    return this.#walk(body, kind === "with" ? value : dot);
  }

  #range({ pipe, body, otherwise }: Extract<Node, { kind: "if" | "with" | "range" }>, dot: Value): Signal {
    const entries = this.#entries(this.#commands(pipe, dot), pipe.at);
    if (entries.length === 0) return this.#walk(otherwise, dot);
    const scope = this.#variables.length;
    for (const [key, element] of entries) {
      const values = pipe.variables.length === 2 ? [key, element] : [element];
      for (const [at, name] of pipe.variables.entries()) this.#set(name, values[at], pipe.assigns);
      const signal = this.#walk(body, element);
      this.#variables.length = scope;
      if (signal === "break") break;
    }
    return undefined;
  }

  #entries(value: Value, at: number): ReadonlyArray<readonly [key: Value, element: Value]> {
    if (isList(value)) return value.map((element, index) => [BigInt(index), element]);
    if (isDict(value)) return sortedEntries(value);
    if (value === undefined) return [];
    if (typeof value !== "bigint") throw this.#failure(at, `range cannot go over a ${typeName(value)}`);
    if (value > maxRounds) throw this.#failure(at, `range cannot go over more than ${maxRounds} numbers`);
    return Array.from({ length: Math.max(Number(value), 0) }, (_, index) => [BigInt(index), BigInt(index)]);
  }

  #pipe(pipe: Pipe, dot: Value): Value {
    const value = this.#commands(pipe, dot);
    for (const name of pipe.variables) this.#set(name, value, pipe.assigns);
    return value;
  }

  #commands({ commands }: Pipe, dot: Value): Value {
    let piped: readonly [] | readonly [Value] = [];
    for (const command of commands) piped = [this.#command(command, dot, piped)];
    return piped[0];
  }

  #command(command: Command, dot: Value, piped: readonly Value[]): Value {
    const [first, ...operands] = command;
    if (first.kind === "function") return this.#function(first.name, operands, dot, piped, first.at);
    if (operands.length + piped.length > 0) throw this.#failure(first.at, "only a function can have arguments");
    return this.#operand(first, dot);
  }

  #function(name: string, operands: readonly Operand[], dot: Value, piped: readonly Value[], at: number): Value {
    if (name === "and" || name === "or") return this.#shortCircuit(name, operands, dot, piped, at);
    const values = [...operands.map((operand) => this.#operand(operand, dot)), ...piped];
    const called = this.#program.functions[name];
    if (called === undefined) throw this.#failure(at, `function ${JSON.stringify(name)} is not defined`);
    try {
      return callFunction(name, called, values);
    } catch (error) {
      throw this.#failure(at, error instanceof Error ? error.message : String(error));
    }
  }

  /** The first that decides, or the last; those behind it are not looked at. */
  #shortCircuit(
    name: "and" | "or",
    operands: readonly Operand[],
    dot: Value,
    piped: readonly Value[],
    at: number,
  ): Value {
    const thunks = [
      ...operands.map((operand) => () => this.#operand(operand, dot)),
      ...piped.map((value) => () => value),
    ];
    if (thunks.length === 0) throw this.#failure(at, `${name} takes at least 1 argument, not 0`);
    let value: Value;
    for (const thunk of thunks) {
      value = thunk();
      if (isTrue(value) === (name === "or")) break;
    }
    return value;
  }

  #operand(operand: Operand, dot: Value): Value {
    switch (operand.kind) {
      case "dot":
        return dot;
      case "nil":
        return undefined;
      case "boolean":
      case "string":
        return operand.value;
      case "number":
        return operand.value.ideal;
      case "function":
        return this.#function(operand.name, [], dot, [], operand.at);
      case "field":
        return this.#fields(dot, operand.fields, operand.at);
      case "variable":
        return this.#fields(this.#variable(operand.name)?.value, operand.fields, operand.at);
      case "pipe":
        return this.#fields(this.#pipe(operand.pipe, dot), operand.fields, operand.at);
    }
  }

  #fields(value: Value, fields: readonly string[], at: number): Value {
    let found = value;
    for (const name of fields) {
      if (found === undefined) break;
      if (!isDict(found)) throw this.#failure(at, `there is no field .${name} of a ${typeName(found)}`);
      found = found.get(name);
    }
    return found;
  }

  #variable(name: string): { value: Value } | undefined {
    return this.#variables.findLast((variable) => variable.name === name);
  }

  #set(name: string, value: Value, assigns: boolean): void {
    const variable = assigns ? this.#variable(name) : undefined;
    if (variable !== undefined) variable.value = value;
    else this.#variables.push({ name, value });
  }

  #failure(at: number, message: string): Error {
    return failureAt(this.#program.source, at, message);
  }
}
