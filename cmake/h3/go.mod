module eider/h3

go 1.19

require github.com/uber/h3-go/v4 v4.1.0
