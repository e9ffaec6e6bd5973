module github.com/originpull/originpull-go

go 1.26.0
