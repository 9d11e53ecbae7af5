// Command pulumi-resource-kubernetes is Pulumi's Kubernetes provider, built from its Go module. Upstream's own main
// package embeds two files that its release script generates; the module has what they are generated from, and
// tools/build.ts lets Go embed these.
package main

import (
	_ "embed"

	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version"
)

//go:embed schema.json
var schema []byte

//go:embed terraform-mapping.json
var mapping []byte

func main() {
	provider.Serve("kubernetes", version.Version, schema, mapping)
}
