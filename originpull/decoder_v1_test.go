//go:build !goexperiment.jsonv2

package originpull_test

const refusesDuplicates = false
