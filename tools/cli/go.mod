// The Pulumi CLI that `make cli` builds where there is no other. For another version: write it
// below, delete go.sum, and rename the go.work.sum that these two leave behind to go.sum.
//	GOOS=linux go list -deps github.com/pulumi/pulumi/pkg/v3/cmd/pulumi
//	GOOS=darwin go list -deps github.com/pulumi/pulumi/pkg/v3/cmd/pulumi
module pulumi-cli

go 1.26.6

tool github.com/pulumi/pulumi/pkg/v3/cmd/pulumi

require github.com/pulumi/pulumi/pkg/v3 v3.274.1
