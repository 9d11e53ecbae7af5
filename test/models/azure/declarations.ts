/**
 * Reads TypeScript's declarations of a package: what is required, the values of enums, what only Azure sets, and what an
 * operation takes. By syntax alone, which takes milliseconds.
 */
import fs from "node:fs";
import path from "node:path";
import ts from "typescript";
import { once, type Member, type ObjectSchema, type Schema } from "./schema.ts";

/** A declaration, and the file whose names it uses. */
interface Declared {
  readonly node: ts.InterfaceDeclaration | ts.TypeAliasDeclaration | ts.EnumDeclaration | ts.ClassDeclaration;
  readonly file: ts.SourceFile;
}

/** What an operation takes, in order. */
export interface DeclaredOperation {
  /** Parts of the URL. */
  readonly parameters: readonly string[];
  readonly bodyName: string;
  readonly body: Schema;
}

export class Declarations {
  private readonly files = new Map<string, ts.SourceFile>();
  private readonly names = new Map<ts.SourceFile, ReadonlyMap<string, Declared["node"]>>();
  private readonly root: ts.SourceFile;

  /** @param index the file that exports all others. */
  constructor(index: string) {
    this.root = this.open(index);
  }

  /** An interface by its name. @throws if there is none. */
  object(name: string): ObjectSchema {
    const found = this.find(name, this.root);
    if (found === undefined || !ts.isInterfaceDeclaration(found.node)) throw new Error(`there is no interface ${name}`);
    return this.objectOf(name, found);
  }

  /** An operation of a client: `privateZones.createOrUpdate`. */
  operation(client: string, operation: string): DeclaredOperation {
    const [group = "", method = ""] = operation.split(".");
    const groups = this.find(client, this.root);
    const ofGroup = groups && this.member(groups, group);
    const operations = ofGroup && this.referenced(ofGroup.type, ofGroup.file);
    const found = operations && this.member(operations, method);
    if (found === undefined || !ts.isFunctionTypeNode(found.type)) throw new Error(`${client} has no ${operation}`);
    const given = found.type.parameters.filter(({ questionToken }) => questionToken === undefined);
    const inUrl = given.filter(({ type }) => type?.kind === ts.SyntaxKind.StringKeyword);
    const [body, ...more] = given.filter((parameter) => !inUrl.includes(parameter));
    if (body?.type === undefined || more.length > 0) throw new Error(`${operation} does not take one body`);
    return {
      parameters: inUrl.map(({ name }) => name.getText(found.file)),
      bodyName: body.type.getText(found.file),
      body: this.schemaOf(body.type, found.file),
    };
  }

  private open(file: string): ts.SourceFile {
    const known = this.files.get(file);
    if (known !== undefined) return known;
    const source = ts.createSourceFile(file, fs.readFileSync(file, "utf8"), ts.ScriptTarget.ESNext, false);
    this.files.set(file, source);
    const own = source.statements
      .filter(isDeclaration)
      .flatMap((node) => (node.name ? [[node.name.text, node] as const] : []));
    this.names.set(source, new Map(own));
    return source;
  }

  /** What a name stands for in a file: its own, what it imports, or what it exports of others. */
  private find(name: string, file: ts.SourceFile): Declared | undefined {
    const node = this.names.get(file)?.get(name);
    if (node !== undefined) return { node, file };
    for (const statement of file.statements) {
      if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) continue;
      const original = originalName(statement, name);
      const source = original === undefined ? undefined : this.sourceOf(statement, file);
      if (original === undefined || source === undefined || (source === file && original === name)) continue;
      const found = this.find(original, source);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The file that a statement imports from or exports of; undefined for another package. */
  private sourceOf({ moduleSpecifier }: ts.ImportDeclaration | ts.ExportDeclaration, file: ts.SourceFile) {
    if (moduleSpecifier === undefined) return file;
    if (!ts.isStringLiteral(moduleSpecifier) || !moduleSpecifier.text.startsWith(".")) return undefined;
    return this.open(fileOf(file.fileName, moduleSpecifier.text));
  }

  private referenced(type: ts.TypeNode, file: ts.SourceFile): Declared | undefined {
    return ts.isTypeReferenceNode(type) ? this.find(type.typeName.getText(file), file) : undefined;
  }

  private member(
    { node, file }: Declared,
    name: string,
  ): { readonly type: ts.TypeNode; readonly file: ts.SourceFile } | undefined {
    if (!ts.isInterfaceDeclaration(node) && !ts.isClassDeclaration(node)) return undefined;
    for (const member of node.members) {
      const isProperty = ts.isPropertySignature(member) || ts.isPropertyDeclaration(member);
      if (isProperty && member.type && nameOf(member, file) === name) return { type: member.type, file };
    }
    return undefined;
  }

  private objectOf(name: string, declared: Declared): ObjectSchema {
    return { kind: "object", name, members: once(() => this.membersOf(declared)) };
  }

  private membersOf({ node, file }: Declared): ReadonlyMap<string, Member> {
    if (!ts.isInterfaceDeclaration(node)) return new Map();
    const inherited = (node.heritageClauses ?? []).flatMap(({ types }) =>
      types.flatMap(({ expression }) => {
        const base = this.find(expression.getText(file), file);
        if (base === undefined) throw new Error(`${node.name.text}: no ${expression.getText(file)}`);
        return [...this.membersOf(base)];
      }),
    );
    const own = node.members.filter(ts.isPropertySignature).map((member): readonly [string, Member] => {
      const readOnly = member.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ReadonlyKeyword) ?? false;
      const schema: Schema = member.type === undefined ? { kind: "any" } : this.schemaOf(member.type, file);
      return [nameOf(member, file), { schema, readOnly, required: member.questionToken === undefined }];
    });
    return new Map([...inherited, ...own]);
  }

  private schemaOf(type: ts.TypeNode, file: ts.SourceFile): Schema {
    if (type.kind === ts.SyntaxKind.StringKeyword) return { kind: "text" };
    if (type.kind === ts.SyntaxKind.NumberKeyword) return { kind: "number" };
    if (type.kind === ts.SyntaxKind.BooleanKeyword) return { kind: "boolean" };
    if (ts.isArrayTypeNode(type)) return { kind: "list", item: this.schemaOf(type.elementType, file) };
    if (ts.isUnionTypeNode(type)) return this.unionOf(type, file);
    if (ts.isTypeLiteralNode(type)) {
      const index = type.members.find(ts.isIndexSignatureDeclaration);
      return index === undefined ? { kind: "any" } : { kind: "map", value: this.schemaOf(index.type, file) };
    }
    return ts.isTypeReferenceNode(type) ? this.schemaOfName(type, file) : { kind: "any" };
  }

  /** Texts that are allowed, or a type that may be null. */
  private unionOf({ types }: ts.UnionTypeNode, file: ts.SourceFile): Schema {
    const texts = types.flatMap((type) =>
      ts.isLiteralTypeNode(type) && ts.isStringLiteral(type.literal) ? [type.literal.text] : [],
    );
    if (texts.length > 0) return { kind: "text", values: texts };
    const [one, ...more] = types.filter((type) => !isNull(type));
    return one === undefined || more.length > 0 ? { kind: "any" } : this.schemaOf(one, file);
  }

  private schemaOfName(type: ts.TypeReferenceNode, file: ts.SourceFile): Schema {
    const name = type.typeName.getText(file);
    const [first, second] = type.typeArguments ?? [];
    if (name === "Array" && first !== undefined) return { kind: "list", item: this.schemaOf(first, file) };
    if (name === "Record" && second !== undefined) return { kind: "map", value: this.schemaOf(second, file) };
    // Of Microsoft Graph: the type, or null.
    if (name === "NullableOption" && first !== undefined) return this.schemaOf(first, file);
    if (name === "Date") return { kind: "text" };
    const found = this.find(name, file);
    if (found === undefined) return { kind: "any" };
    const { node } = found;
    if (ts.isEnumDeclaration(node)) return { kind: "text", values: enumValues(node) };
    if (!ts.isTypeAliasDeclaration(node)) return this.objectOf(name, found);
    const known = this.find(`Known${name}`, found.file);
    if (known !== undefined && ts.isEnumDeclaration(known.node))
      return { kind: "text", values: enumValues(known.node) };
    return this.schemaOf(node.type, found.file);
  }
}

function isDeclaration(node: ts.Statement): node is Declared["node"] {
  return (
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isEnumDeclaration(node) ||
    ts.isClassDeclaration(node)
  );
}

/** What a name is called in the file that it is from; undefined if the statement does not bring it. */
function originalName(statement: ts.ImportDeclaration | ts.ExportDeclaration, name: string): string | undefined {
  if (ts.isExportDeclaration(statement) && statement.exportClause === undefined) return name;
  const bindings = ts.isImportDeclaration(statement) ? statement.importClause?.namedBindings : statement.exportClause;
  if (bindings === undefined || (!ts.isNamedImports(bindings) && !ts.isNamedExports(bindings))) return undefined;
  const specifiers: readonly (ts.ImportSpecifier | ts.ExportSpecifier)[] = bindings.elements;
  const found = specifiers.find((specifier) => specifier.name.text === name);
  return found && (found.propertyName ?? found.name).text;
}

/** `./models/index.js`, or without the ending. */
function fileOf(importer: string, specifier: string): string {
  return path.resolve(path.dirname(importer), `${specifier.replace(/\.js$/, "")}.d.ts`);
}

function nameOf({ name }: { readonly name: ts.PropertyName }, file: ts.SourceFile): string {
  return ts.isIdentifier(name) || ts.isStringLiteral(name) ? name.text : name.getText(file);
}

function enumValues(node: ts.EnumDeclaration): readonly string[] {
  return node.members.flatMap(({ initializer }) =>
    initializer !== undefined && ts.isStringLiteral(initializer) ? [initializer.text] : [],
  );
}

const isNull = (type: ts.TypeNode): boolean =>
  type.kind === ts.SyntaxKind.UndefinedKeyword ||
  (ts.isLiteralTypeNode(type) && type.literal.kind === ts.SyntaxKind.NullKeyword);
